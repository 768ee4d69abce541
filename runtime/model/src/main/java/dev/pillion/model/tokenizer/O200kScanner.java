package dev.pillion.model.tokenizer;

import static dev.pillion.model.tokenizer.CharacterClass.LETTER;
import static dev.pillion.model.tokenizer.CharacterClass.LOWER;
import static dev.pillion.model.tokenizer.CharacterClass.MARK;
import static dev.pillion.model.tokenizer.CharacterClass.NUMBER;
import static dev.pillion.model.tokenizer.CharacterClass.UPPER;

/**
 * The family of o200k (GPT-4o, gpt-oss, Llama 4) and Tekken (Mistral), which cuts words where the case rises:
 *
 * <pre>
 *   [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
 *   |[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
 *   |\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
 * </pre>
 *
 * <p>Below, "head" is the class of the first part of a word (no lower case) and "tail" that of the second (no upper
 * case); caseless letters and marks are in both.
 */
final class O200kScanner implements Scanner {
    private final int digits;
    private final boolean contractions;

    /**
     * Creates a member of the family.
     *
     * @param digits how many digits go together at most
     * @param contractions whether a contraction stays with its word
     */
    O200kScanner(int digits, boolean contractions) {
        this.digits = digits;
        this.contractions = contractions;
    }

    @Override
    public int match(String text, int at, int end) {
        int first = text.codePointAt(at);
        int word = wordEnd(text, at, end, first);
        if (word > at) {
            return contractions ? Contractions.matchAnyCase(text, word, end) : word;
        }
        if (CharacterClass.is(first, NUMBER)) {
            return Cl100kScanner.numberEnd(text, at, end, digits);
        }
        int position = Cl100kScanner.othersEnd(text, at, end, LETTER);
        if (position > at) {
            while (position < end
                    && (CharacterClass.isLineEnd(text.charAt(position)) || text.charAt(position) == '/')) {
                position++;
            }
            return position;
        }
        return Cl100kScanner.spacesEnd(text, at, end);
    }

    private static int wordEnd(String text, int at, int end, int first) {
        boolean prefixed = !CharacterClass.is(first, LETTER | NUMBER) && !CharacterClass.isLineEnd(first);
        int start = prefixed ? at + Character.charCount(first) : at;
        int word = withTail(text, start, end);
        if (word > start) {
            return word;
        }
        // The optional character before the word may be a mark, which can also be the word's own first character.
        if (prefixed && (word = withTail(text, at, end)) > at) {
            return word;
        }
        word = headEnd(text, start, end);
        return word > start ? word : at;
    }

    /** {@code head* tail+}, or {@code at}: of the head, as much is given back as the tail needs. */
    private static int withTail(String text, int at, int end) {
        int position = at;
        int lastInBoth = at;
        while (position < end) {
            int codePoint = text.codePointAt(position);
            if (!isHead(codePoint)) {
                break;
            }
            position += Character.charCount(codePoint);
            if (isTail(codePoint)) {
                lastInBoth = position;
            }
        }
        int tailEnd = position;
        while (tailEnd < end) {
            int codePoint = text.codePointAt(tailEnd);
            if (!isTail(codePoint)) {
                break;
            }
            tailEnd += Character.charCount(codePoint);
        }
        return tailEnd > position ? tailEnd : lastInBoth;
    }

    private static int headEnd(String text, int at, int end) {
        int position = at;
        while (position < end && isHead(text.codePointAt(position))) {
            position += Character.charCount(text.codePointAt(position));
        }
        return position;
    }

    private static boolean isHead(int codePoint) {
        int classes = CharacterClass.of(codePoint);
        return (classes & MARK) != 0 || (classes & (LETTER | LOWER)) == LETTER;
    }

    private static boolean isTail(int codePoint) {
        int classes = CharacterClass.of(codePoint);
        return (classes & MARK) != 0 || (classes & (LETTER | UPPER)) == LETTER;
    }
}
