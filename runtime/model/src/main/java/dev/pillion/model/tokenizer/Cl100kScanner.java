package dev.pillion.model.tokenizer;

import static dev.pillion.model.tokenizer.CharacterClass.LETTER;
import static dev.pillion.model.tokenizer.CharacterClass.MARK;
import static dev.pillion.model.tokenizer.CharacterClass.NUMBER;
import static dev.pillion.model.tokenizer.CharacterClass.SPACE;

/**
 * The family of cl100k, Llama 3 and Qwen 2:
 *
 * <pre>
 *   (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
 * </pre>
 *
 * <p>The members differ in how many digits go together, and in whether combining marks count as parts of words.
 */
final class Cl100kScanner implements Scanner {
    private final int digits;
    private final int wordClasses;

    /**
     * Creates a member of the family.
     *
     * @param digits how many digits go together at most
     * @param marksInWords whether {@code \p{M}} joins {@code \p{L}} in words
     */
    Cl100kScanner(int digits, boolean marksInWords) {
        this.digits = digits;
        this.wordClasses = marksInWords ? LETTER | MARK : LETTER;
    }

    @Override
    public int match(String text, int at, int end) {
        int contraction = Contractions.matchAnyCase(text, at, end);
        if (contraction > at) {
            return contraction;
        }
        int first = text.codePointAt(at);
        int word = wordEnd(text, at, end, first);
        if (word > at) {
            return word;
        }
        if (CharacterClass.is(first, NUMBER)) {
            return numberEnd(text, at, end, digits);
        }
        int others = othersEnd(text, at, end, wordClasses);
        if (others > at) {
            return CharacterClass.skipLineEnds(text, others, end);
        }
        return spacesEnd(text, at, end);
    }

    /** {@code [^\r\n\p{L}\p{N}]?\p{L}+}, or {@code at}. */
    private int wordEnd(String text, int at, int end, int first) {
        int start = at;
        if (!CharacterClass.is(first, LETTER | NUMBER) && !CharacterClass.isLineEnd(first)) {
            start += Character.charCount(first);
        }
        int wordEnd = CharacterClass.skip(text, start, end, wordClasses);
        if (wordEnd > start) {
            return wordEnd;
        }
        return CharacterClass.skip(text, at, end, wordClasses);
    }

    /** {@code \p{N}{1,digits}} for a position known to be a number. */
    static int numberEnd(String text, int at, int end, int digits) {
        int position = at;
        for (int count = 0; count < digits && position < end; count++) {
            int codePoint = text.codePointAt(position);
            if (!CharacterClass.is(codePoint, NUMBER)) {
                break;
            }
            position += Character.charCount(codePoint);
        }
        return position;
    }

    /** {@code  ?[^\s\p{N}words]+}, or {@code at}. */
    static int othersEnd(String text, int at, int end, int wordClasses) {
        int start = text.charAt(at) == ' ' ? at + 1 : at;
        int othersEnd = CharacterClass.skipNot(text, start, end, SPACE | NUMBER | wordClasses);
        return othersEnd > start ? othersEnd : at;
    }

    /** {@code \s*[\r\n]+|\s+(?!\S)|\s+} for a position known to be white space. */
    static int spacesEnd(String text, int at, int end) {
        int runEnd = CharacterClass.skip(text, at, end, SPACE);
        for (int position = runEnd; position > at; position--) {
            if (CharacterClass.isLineEnd(text.charAt(position - 1))) {
                return position;
            }
        }
        return Scanner.spacesBeforeWord(text, at, runEnd, end);
    }
}
