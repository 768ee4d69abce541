package dev.pillion.model.tokenizer;

/**
 * A fixed text.
 *
 * @param literal the text, not empty
 */
record LiteralScanner(String literal) implements Scanner {
    @Override
    public int match(String text, int at, int end) {
        int found = text.indexOf(literal, at, end);
        if (found == at) {
            return at + literal.length();
        }
        return found < 0 ? ~end : ~found;
    }
}
