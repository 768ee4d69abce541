package dev.pillion.scheduler;

/**
 * The same number of tokens each step. Decodes count, so the chunk is what they leave: with the total a multiple of the
 * GEMM tile, no step spills a few rows into another tile (the paper's cliff between 256 and 257 tokens).
 *
 * @param maxTokens tokens per step
 */
public record FixedBudget(int maxTokens) implements TokenBudget {
    /** Checks that there is room for a token. */
    public FixedBudget {
        if (maxTokens < 1) {
            throw new IllegalArgumentException("a budget of " + maxTokens + " tokens per step");
        }
    }

    @Override
    public int tokens(int decodes, long decodeContext, int prefillStart) {
        return maxTokens;
    }
}
