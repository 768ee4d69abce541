package dev.pillion.engine;

import static dev.pillion.engine.RandomLife.require;

import dev.pillion.Completion;
import dev.pillion.FinishReason;
import dev.pillion.GeneratedToken;
import dev.pillion.Generation;
import dev.pillion.GenerationRequest;
import dev.pillion.GenerationResult;
import dev.pillion.PillionException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A request within a {@link RandomLife}: its generation, and what has to come of it. */
final class LifeOfRequest {
    final GenerationRequest request;
    final Generation generation;
    private final int[] prompt;
    private final List<Oracle> expected = new ArrayList<>();
    private boolean cancelled;

    /** Submits the request. */
    LifeOfRequest(EngineCore core, GenerationRequest request, int contextTokens) {
        this.request = request;
        prompt = ((GenerationRequest.Prompt.Tokens) request.prompt()).ids();
        int maxTokens = Math.min(request.stop().maxTokens(), contextTokens - prompt.length);
        for (int i = 0; i < request.samples(); i++) {
            expected.add(Oracle.of(prompt, request.sampling().forChoice(i), request.stop(), maxTokens));
        }
        generation = core.submit(request);
    }

    void cancel() {
        cancelled |= !generation.isDone();
        generation.cancel();
    }

    /** Compares the stream and the result, or the failure, with what had to be. */
    void checkOutcome(LifeCounts counts) {
        require(generation.isDone(), "request " + generation.id() + " has not ended");
        List<StringBuilder> texts = new ArrayList<>();
        List<List<Integer>> tokens = new ArrayList<>();
        expected.forEach(sample -> {
            texts.add(new StringBuilder());
            tokens.add(new ArrayList<>());
        });
        Optional<PillionException> failure = read(texts, tokens);
        if (failure.isPresent()) {
            checkFailure(failure.get(), tokens);
            counts.broken++;
        } else {
            checkResult(generation.result(), texts, tokens, counts);
        }
    }

    private Optional<PillionException> read(List<StringBuilder> texts, List<List<Integer>> tokens) {
        try {
            for (GeneratedToken token : generation) {
                texts.get(token.sample()).append(token.text());
                tokens.get(token.sample()).add(token.id());
            }
            require(generation.next().isEmpty(), "a token after the last");
            return Optional.empty();
        } catch (PillionException e) {
            return Optional.of(e);
        }
    }

    private void checkFailure(PillionException failure, List<List<Integer>> tokens) {
        require(failure.code() == PillionException.Code.REQUEST_FAILED, "failed: " + failure.getMessage());
        require(expected.stream().anyMatch(Oracle::fails), "failed though no logits were NaN: " + failure.getMessage());
        for (int i = 0; i < tokens.size(); i++) {
            requirePrefix(tokens.get(i), expected.get(i).tokens(), i);
        }
    }

    private void checkResult(
            GenerationResult result, List<StringBuilder> texts, List<List<Integer>> tokens, LifeCounts counts) {
        require(result.promptTokens() == prompt.length, "prompt tokens " + result.promptTokens());
        require(result.cachedTokens() < prompt.length, "cached tokens " + result.cachedTokens());
        require(result.completions().size() == expected.size(), result.completions().size() + " completions");
        boolean anyCancelled = false;
        for (int i = 0; i < expected.size(); i++) {
            Completion completion = result.completions().get(i);
            require(completion.tokens().equals(tokens.get(i)), "stream and result differ in sample " + i);
            require(completion.text().contentEquals(texts.get(i)), "text of stream and result differ in sample " + i);
            anyCancelled |= completion.finishReason() == FinishReason.CANCELLED;
            checkCompletion(completion, expected.get(i), i);
            boolean hasStopStrings = !request.stop().stopStrings().isEmpty();
            counts.stopStrings += completion.finishReason() == FinishReason.STOP && hasStopStrings ? 1 : 0;
        }
        require(cancelled || !anyCancelled, "cancelled though nobody did");
        require(anyCancelled || expected.stream().noneMatch(Oracle::fails), "completed in spite of NaN logits");
        counts.cancelled += anyCancelled ? 1 : 0;
        counts.completed += anyCancelled ? 0 : 1;
        counts.severalSamples += expected.size() > 1 ? 1 : 0;
        counts.cachedTokens += result.cachedTokens();
    }

    private static void checkCompletion(Completion completion, Oracle alone, int sample) {
        if (completion.finishReason() == FinishReason.CANCELLED) {
            requirePrefix(completion.tokens(), alone.tokens(), sample);
            require(alone.text().startsWith(completion.text()), "text of cancelled sample " + sample);
            return;
        }
        require(completion.tokens().equals(alone.tokens()),
                "sample " + sample + " is " + completion.tokens() + ", alone it is " + alone.tokens());
        require(completion.text().equals(alone.text()),
                "sample " + sample + " says \"" + completion.text() + "\", alone \"" + alone.text() + "\"");
        require(completion.finishReason() == alone.reason(),
                "sample " + sample + " ended for " + completion.finishReason() + ", alone for " + alone.reason());
    }

    private static void requirePrefix(List<Integer> tokens, List<Integer> alone, int sample) {
        require(tokens.size() <= alone.size() && tokens.equals(alone.subList(0, tokens.size())),
                "sample " + sample + " began " + tokens + ", alone it is " + alone);
    }
}
