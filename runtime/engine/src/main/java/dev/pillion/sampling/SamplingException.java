package dev.pillion.sampling;

/**
 * No token can be drawn for one sequence at one position. It is that request's failure alone: the engine ends the
 * request with this message and goes on with the rest of the batch.
 */
public final class SamplingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why no token could be drawn. */
    public enum Reason {
        /** The model computed a logit that is not a number. */
        NAN_LOGIT,
        /** Every token of the vocabulary is banned or has probability zero. */
        NO_TOKEN_LEFT
    }

    /** Why no token could be drawn. */
    private final Reason reason;

    private SamplingException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Why no token could be drawn. */
    public Reason reason() {
        return reason;
    }

    static SamplingException nanLogit(int token, int position) {
        return new SamplingException(Reason.NAN_LOGIT, "the logit of token " + token + " is NaN at generated position "
                + position + "; the forward pass overflowed or the weights are damaged: check the model file, or run"
                + " with a wider activation type");
    }

    static SamplingException noTokenLeft(int vocabularySize, int position) {
        return new SamplingException(Reason.NO_TOKEN_LEFT, "none of the " + vocabularySize
                + " tokens can be drawn at generated position " + position + ": each is banned by logitBias or"
                + " minTokens, or has a logit of -Infinity; relax the bans");
    }
}
