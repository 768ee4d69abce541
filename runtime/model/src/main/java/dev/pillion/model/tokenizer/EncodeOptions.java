package dev.pillion.model.tokenizer;

/**
 * What to do about special tokens when encoding.
 *
 * @param addSpecial whether to put the tokens around the text that the model wants there (most often a beginning of
 *     text)
 * @param parseSpecial whether special tokens that are written out in the text become those tokens. Never for text
 *     from a user: it could end its own turn and speak as somebody else
 */
public record EncodeOptions(boolean addSpecial, boolean parseSpecial) {
    /** Text as it is. */
    public static final EncodeOptions PLAIN = new EncodeOptions(false, false);

    /** A prompt that begins a sequence. */
    public static final EncodeOptions PROMPT = new EncodeOptions(true, false);

    /** The output of a chat template, which writes all special tokens itself. */
    public static final EncodeOptions TEMPLATE = new EncodeOptions(false, true);
}
