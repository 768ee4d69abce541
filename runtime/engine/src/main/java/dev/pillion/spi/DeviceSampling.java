package dev.pillion.spi;

/** Sampling where the logits are, so that a step brings back tokens rather than rows of a whole vocabulary. */
public interface DeviceSampling {
    /** What to do with the rows of the next step; asked for and filled before each {@link Backend#begin}. */
    SamplingRows rows();

    /** Samples the step's rows of logits; an operation like those of {@link Backend}. */
    void sample(DeviceTensor logits);

    /**
     * The token chosen for a row of the step that was over last; after {@link Backend#finish} or {@link Backend#await}. This
     * and what follows stays as it is until the next step begins, also while one runs that began before.
     *
     * @return -1 if the row was skipped, holds a NaN or has no token left to choose: the host is then to look at it
     */
    int token(int row);

    /** Log-probability of the token chosen for a row that asked for it. */
    double logprob(int row);

    /** How many of the most likely tokens were reported for a row. */
    int topCount(int row);

    /** The {@code i}-th most likely token of a row. */
    int topToken(int row, int i);

    /** Its log-probability. */
    double topLogprob(int row, int i);
}
