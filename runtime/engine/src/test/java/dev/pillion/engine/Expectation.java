package dev.pillion.engine;

import static dev.pillion.engine.RandomLife.require;

import dev.pillion.Completion;
import dev.pillion.FinishReason;
import dev.pillion.GenerationRequest;
import dev.pillion.GenerationResult;
import dev.pillion.PillionException;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What has to come of a request, whatever else the engine does meanwhile.
 *
 * @param promptTokens tokens of its prompt
 * @param samples what each sample has to be
 * @param stopStrings whether it has any
 */
record Expectation(int promptTokens, List<Oracle> samples, boolean stopStrings) {
    static Expectation of(GenerationRequest request, int contextTokens) {
        int[] prompt = ((GenerationRequest.Prompt.Tokens) request.prompt()).ids();
        int maxTokens = Math.min(request.stop().maxTokens(), contextTokens - prompt.length);
        List<Oracle> samples = IntStream.range(0, request.samples())
                .mapToObj(i -> Oracle.of(prompt, request.sampling().forChoice(i), request.stop(), maxTokens))
                .toList();
        return new Expectation(prompt.length, samples, !request.stop().stopStrings().isEmpty());
    }

    void checkFailure(PillionException failure) {
        require(failure.code() == PillionException.Code.REQUEST_FAILED, "failed: " + failure.getMessage());
        require(samples.stream().anyMatch(Oracle::fails), "failed though no logits were NaN: " + failure.getMessage());
    }

    /**
     * Compares a result and counts it.
     *
     * @param cancelled whether the request was cancelled, so that its samples may have ended early
     */
    void checkResult(GenerationResult result, boolean cancelled, LifeCounts counts) {
        require(result.promptTokens() == promptTokens, "prompt tokens " + result.promptTokens());
        require(result.cachedTokens() < promptTokens, "cached tokens " + result.cachedTokens());
        require(result.completions().size() == samples.size(), result.completions().size() + " completions");
        boolean anyCancelled = false;
        for (int i = 0; i < samples.size(); i++) {
            Completion completion = result.completions().get(i);
            anyCancelled |= completion.finishReason() == FinishReason.CANCELLED;
            checkCompletion(completion, samples.get(i), i);
            counts.stopStrings += completion.finishReason() == FinishReason.STOP && stopStrings ? 1 : 0;
        }
        require(cancelled || !anyCancelled, "cancelled though nobody did");
        require(anyCancelled || samples.stream().noneMatch(Oracle::fails), "completed in spite of NaN logits");
        counts.cancelled += anyCancelled ? 1 : 0;
        counts.completed += anyCancelled ? 0 : 1;
        counts.severalSamples += samples.size() > 1 ? 1 : 0;
        counts.cachedTokens += result.cachedTokens();
    }

    /** Checks what a sample had when its request ended early. */
    void checkBegun(List<Integer> tokens, int sample) {
        List<Integer> alone = samples.get(sample).tokens();
        require(tokens.size() <= alone.size() && tokens.equals(alone.subList(0, tokens.size())),
                "sample " + sample + " began " + tokens + ", alone it is " + alone);
    }

    private void checkCompletion(Completion completion, Oracle alone, int sample) {
        if (completion.finishReason() == FinishReason.CANCELLED) {
            checkBegun(completion.tokens(), sample);
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
}
