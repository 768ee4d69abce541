package dev.pillion.engine;

import dev.pillion.Generation;
import dev.pillion.GenerationRequest;
import dev.pillion.GeneratedToken;
import dev.pillion.PillionException;
import dev.pillion.sampling.SamplingParams;
import dev.pillion.sampling.StopConditions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Plain requests for lifecycle tests: greedy, of a known length, with a known answer. */
final class Requests {
    private Requests() {}

    /** A request that ends by its token limit alone. */
    static GenerationRequest of(int maxTokens, int... prompt) {
        return GenerationRequest.builder(prompt).stop(stop(maxTokens)).build();
    }

    /** The tokens such a request has to give. */
    static List<Integer> answer(int maxTokens, int... prompt) {
        return Oracle.of(prompt, SamplingParams.greedy(), stop(maxTokens), maxTokens).tokens();
    }

    static StopConditions stop(int maxTokens) {
        return StopConditions.builder().maxTokens(maxTokens).ignoreEos(true).build();
    }

    /** Reads a stream to its end. */
    static List<Integer> read(Generation generation) {
        List<Integer> ids = new ArrayList<>();
        for (GeneratedToken token : generation) {
            ids.add(token.id());
        }
        return ids;
    }

    /** Which code a call ends with, if it fails. */
    static Optional<PillionException.Code> code(Runnable call) {
        try {
            call.run();
            return Optional.empty();
        } catch (PillionException e) {
            return Optional.of(e.code());
        }
    }
}
