package dev.pillion.kernels.ptx;

/**
 * A token.
 *
 * @param kind what it is
 * @param text the characters; for {@link Kind#MARK} a single one
 * @param line line of the text, from 1
 * @param start index of its first character in the text
 */
record PtxToken(Kind kind, String text, int line, int start) {
    /** Sorts of tokens. */
    enum Kind {
        /** Name, directive or opcode, with dots. */
        WORD,
        /** Integer or floating-point literal, without sign. */
        NUMBER,
        /** Quoted text. */
        STRING,
        /** Punctuation. */
        MARK,
        /** End of the text. */
        END
    }

    boolean is(String other) {
        return kind != Kind.STRING && text.equals(other);
    }
}
