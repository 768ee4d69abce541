package dev.pillion.model.tokenizer;

import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;

/**
 * The tokens with a part to play in a sequence.
 *
 * @param beginning begins a text
 * @param end ends a text
 * @param endOfTurn ends a turn of a conversation
 * @param unknown stands for what the vocabulary cannot express
 * @param padding fills up
 * @param endOfGeneration the tokens after which the model has nothing more to say
 */
record SpecialTokens(
        OptionalInt beginning, OptionalInt end, OptionalInt endOfTurn, OptionalInt unknown, OptionalInt padding,
        BitSet endOfGeneration) {
    private static final List<String> TURN_ENDS = List.of(
            "<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<|endofturn|>", "<|end_of_turn|>",
            "<|END_OF_TURN_TOKEN|>",
            "<turn|>", "<EOT>", "< EOT >", "_<EOT>");

    private static final List<String> OTHER_ENDS = List.of(
            "<|eom_id|>", "<|endoftext|>", "<|end_of_text|>", "<end_of_utterance>", "</s>", "<eos>", "<EOS>",
            "<|return|>",
            "<|call|>", "[EOS]", "<\uFF5Cend\u2581of\u2581sentence\uFF5C>");

    /**
     * Completes what a file says by the names that are customary.
     *
     * @param vocabulary the tokens
     * @param roles the roles that the file gives; missing ones are found by name
     * @param ends more tokens that the file says end a generation
     */
    static SpecialTokens complete(Vocabulary vocabulary, Roles roles, BitSet ends) {
        BitSet endOfGeneration = (BitSet) ends.clone();
        roles.end.ifPresent(endOfGeneration::set);
        roles.endOfTurn.ifPresent(endOfGeneration::set);
        OptionalInt endOfTurn = roles.endOfTurn;
        for (String name : TURN_ENDS) {
            OptionalInt id = markup(vocabulary, name);
            id.ifPresent(endOfGeneration::set);
            endOfTurn = endOfTurn.isPresent() ? endOfTurn : id;
        }
        for (String name : OTHER_ENDS) {
            markup(vocabulary, name).ifPresent(endOfGeneration::set);
        }
        dropEndOfMessage(vocabulary, endOfGeneration);
        return new SpecialTokens(roles.beginning, roles.end, endOfTurn, roles.unknown, roles.padding, endOfGeneration);
    }

    /**
     * In the format of gpt-oss {@code <|end|>} ends a message, and a reply may have several (thoughts, then the
     * answer); it is {@code <|return|>} and {@code <|call|>} that end the generation.
     */
    private static void dropEndOfMessage(Vocabulary vocabulary, BitSet endOfGeneration) {
        if (markup(vocabulary, "<|return|>").isPresent() && markup(vocabulary, "<|call|>").isPresent()) {
            markup(vocabulary, "<|end|>").ifPresent(endOfGeneration::clear);
        }
    }

    /** A token that is not ordinary text: a model of HTML may well have {@code </s>} as a piece of text. */
    private static OptionalInt markup(Vocabulary vocabulary, String name) {
        int id = vocabulary.idOf(name);
        boolean found = id != Vocabulary.NONE
                && (vocabulary.kind(id) == TokenKind.CONTROL || vocabulary.kind(id) == TokenKind.USER_DEFINED);
        return found ? OptionalInt.of(id) : OptionalInt.empty();
    }

    /**
     * The roles that a file gives.
     *
     * @param beginning begins a text
     * @param end ends a text
     * @param endOfTurn ends a turn
     * @param unknown stands for the inexpressible
     * @param padding fills up
     */
    record Roles(
            OptionalInt beginning, OptionalInt end, OptionalInt endOfTurn, OptionalInt unknown, OptionalInt padding) {}
}
