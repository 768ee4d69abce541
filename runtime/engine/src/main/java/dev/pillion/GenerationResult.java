package dev.pillion;

import java.time.Duration;
import java.util.List;

/**
 * A finished request.
 *
 * @param completions one per sample the request asked for
 * @param promptTokens tokens of the prompt
 * @param cachedTokens of them, tokens whose keys and values were found in the prefix cache
 * @param seed seed the samples were drawn with; the same request with this seed gives the same tokens
 * @param timing when things happened
 */
public record GenerationResult(
        List<Completion> completions, int promptTokens, int cachedTokens, long seed, Timing timing) {

    /**
     * Times of a request, all measured from its submission.
     *
     * @param queued until its first token was scheduled
     * @param firstToken until its first token was there (TTFT)
     * @param total until it finished
     */
    public record Timing(Duration queued, Duration firstToken, Duration total) {}

    /** Copies the list. */
    public GenerationResult {
        completions = List.copyOf(completions);
    }

    /** Text of the first sample. */
    public String text() {
        return completions.getFirst().text();
    }

    /** Token ids of the first sample. */
    public List<Integer> tokens() {
        return completions.getFirst().tokens();
    }

    /** Why the first sample ended. */
    public FinishReason finishReason() {
        return completions.getFirst().finishReason();
    }

    /** Generated tokens of all samples. */
    public int generatedTokens() {
        return completions.stream().mapToInt(completion -> completion.tokens().size()).sum();
    }
}
