package dev.pillion.scheduler;

/**
 * How many tokens a step may hold. Asked when the step's decodes are known, since what is left is the prefill chunk.
 */
public interface TokenBudget {
    /**
     * Most tokens a step ever holds; at least the most sequences that run at once, so that every decode has its place.
     */
    int maxTokens();

    /**
     * Tokens this step may hold, decodes included.
     *
     * @param decodes decodes already in the step
     * @param decodeContext sum of the tokens they attend to
     * @param prefillStart position at which the oldest unfinished prompt goes on; 0 if there is none
     */
    int tokens(int decodes, long decodeContext, int prefillStart);

    /** Hears how long a step took; before the next plan, while {@code plan} still says what was in it. */
    default void observe(BatchPlan plan, long stepNanos) {
    }
}
