package dev.pillion.spi;

/**
 * How the device is to sample the rows of logits of the next step; the meaning of the parameters is that of
 * {@code dev.pillion.sampling.SamplingParams}. Filled row by row, in the order of the batch's logit rows: {@link #begin},
 * {@link #skip}, {@link #mostLikely} or {@link #draw} goes to the next row, the other methods add to it.
 */
public interface SamplingRows {
    /** Starts with the first row of a step. */
    void begin();

    /** A row that is left alone: the host will sample it. */
    void skip();

    /** A row of which the highest logit is taken, the lowest id among equals. */
    void mostLikely();

    /**
     * A row of which a token is drawn.
     *
     * @param seed seed of the draws
     * @param position how many tokens were generated before; seed and position give the random number
     */
    void draw(long seed, int position);

    /** Changes the distribution a token is drawn from. */
    void filter(double temperature, int topK, double topP, double minP, double typicalP);

    /** Penalties, which act on the tokens that {@link #adjust} names. */
    void penalties(double repetition, double frequency, double presence);

    /**
     * Names a token whose logit changes; each token at most once.
     *
     * @param bias what is added, finite
     * @param banned whether the logit becomes minus infinity
     * @param seen whether the repetition penalty acts on it
     * @param generated how often it was generated, for the frequency and presence penalties
     */
    void adjust(int token, double bias, boolean banned, boolean seen, int generated);

    /** Asks for log-probabilities: the chosen token's and those of so many of the most likely ones. */
    void logprobs(int top);
}
