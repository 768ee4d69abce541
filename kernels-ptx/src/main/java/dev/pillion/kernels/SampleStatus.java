package dev.pillion.kernels;

/** What came of the sampling of a row. */
public enum SampleStatus {
    /** A token was chosen. */
    CHOSEN,
    /** A logit is NaN; the token reported is the first such one. */
    NAN_LOGIT,
    /** No logit is above -Infinity; the token reported is -1. */
    NO_TOKEN_LEFT;

    private static final SampleStatus[] BY_NUMBER = values();

    /** The status that a kernel wrote. */
    public static SampleStatus of(int number) {
        return BY_NUMBER[number];
    }
}
