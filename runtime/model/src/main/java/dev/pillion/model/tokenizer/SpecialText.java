package dev.pillion.model.tokenizer;

/** What control tokens become when decoding. */
public enum SpecialText {
    /** Nothing. */
    OMIT,
    /** Their name, such as {@code <|im_end|>}. */
    SHOW
}
