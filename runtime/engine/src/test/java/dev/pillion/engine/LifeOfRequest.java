package dev.pillion.engine;

import static dev.pillion.engine.RandomLife.require;

import dev.pillion.Completion;
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
    final Generation generation;
    private final Expectation expected;
    private boolean cancelled;

    /** Submits the request. */
    LifeOfRequest(EngineCore core, GenerationRequest request, int contextTokens) {
        expected = Expectation.of(request, contextTokens);
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
        expected.samples().forEach(sample -> {
            texts.add(new StringBuilder());
            tokens.add(new ArrayList<>());
        });
        Optional<PillionException> failure = read(texts, tokens);
        if (failure.isPresent()) {
            expected.checkFailure(failure.get());
            for (int i = 0; i < tokens.size(); i++) {
                expected.checkBegun(tokens.get(i), i);
            }
            counts.broken++;
        } else {
            checkStream(generation.result(), texts, tokens);
            expected.checkResult(generation.result(), cancelled, counts);
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

    private static void checkStream(GenerationResult result, List<StringBuilder> texts, List<List<Integer>> tokens) {
        for (int i = 0; i < result.completions().size(); i++) {
            Completion completion = result.completions().get(i);
            require(completion.tokens().equals(tokens.get(i)), "stream and result differ in sample " + i);
            require(completion.text().contentEquals(texts.get(i)), "text of stream and result differ in sample " + i);
        }
    }
}
