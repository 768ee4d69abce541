package dev.pillion.model.tokenizer;

/** What a token is for. The order is that of GGUF's {@code tokenizer.ggml.token_type}, which counts from 1. */
enum TokenKind {
    /** A piece of text. */
    NORMAL,
    /** Stands for what the vocabulary cannot express. */
    UNKNOWN,
    /** Steers the model and is not text, such as the end of a turn. */
    CONTROL,
    /** Text that is always one token, found before anything else. */
    USER_DEFINED,
    /** Not in use. */
    UNUSED,
    /** One byte, written {@code <0x0A>}. */
    BYTE;

    private static final TokenKind[] VALUES = values();

    /** The kind with a number of GGUF, or {@link #NORMAL} for 0 ("undefined") and numbers not known here. */
    static TokenKind ofGguf(long number) {
        return number >= 1 && number <= VALUES.length ? VALUES[(int) number - 1] : NORMAL;
    }
}
