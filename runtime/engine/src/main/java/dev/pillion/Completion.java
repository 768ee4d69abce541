package dev.pillion;

import dev.pillion.sampling.TokenLogprobs;
import java.util.List;

/**
 * One finished sample.
 *
 * @param text the generated text, without the stop string that ended it
 * @param tokens the generated token ids, with the token that ended it
 * @param finishReason why it ended
 * @param logprobs one entry per token where the request asked for them, else empty
 */
public record Completion(String text, List<Integer> tokens, FinishReason finishReason, List<TokenLogprobs> logprobs) {
    /** Copies the lists. */
    public Completion {
        tokens = List.copyOf(tokens);
        logprobs = List.copyOf(logprobs);
    }
}
