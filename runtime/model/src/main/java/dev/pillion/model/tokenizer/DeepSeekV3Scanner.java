package dev.pillion.model.tokenizer;

import static dev.pillion.model.tokenizer.CharacterClass.LETTER;
import static dev.pillion.model.tokenizer.CharacterClass.MARK;
import static dev.pillion.model.tokenizer.CharacterClass.PUNCTUATION;
import static dev.pillion.model.tokenizer.CharacterClass.SPACE;
import static dev.pillion.model.tokenizer.CharacterClass.SYMBOL;

/**
 * The last expression of DeepSeek V3 (numbers and East Asian runs are cut off before it):
 *
 * <pre>
 *   [!"#$%&amp;'()*+,\-./:;&lt;=&gt;?@\[\\\]^_`{|}~][A-Za-z]+
 *   |[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
 * </pre>
 *
 * <p>Unlike its relatives it does not match everywhere: a number or a control character may stay between matches.
 */
final class DeepSeekV3Scanner implements Scanner {
    static final String EXPRESSION = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
            + "|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*"
            + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    @Override
    public int match(String text, int at, int end) {
        int first = text.codePointAt(at);
        int next = at + Character.charCount(first);
        if (isAsciiPunctuation(first)) {
            int letters = next;
            while (letters < end && isAsciiLetter(text.charAt(letters))) {
                letters++;
            }
            if (letters > next) {
                return letters;
            }
        }
        if (!CharacterClass.is(first, LETTER | PUNCTUATION | SYMBOL) && !CharacterClass.isLineEnd(first)) {
            int word = CharacterClass.skip(text, next, end, LETTER | MARK);
            if (word > next) {
                return word;
            }
        }
        int word = CharacterClass.skip(text, at, end, LETTER | MARK);
        if (word > at) {
            return word;
        }
        int start = first == ' ' ? next : at;
        int signs = CharacterClass.skip(text, start, end, PUNCTUATION | SYMBOL);
        if (signs > start) {
            return CharacterClass.skipLineEnds(text, signs, end);
        }
        return CharacterClass.is(first, SPACE) ? Cl100kScanner.spacesEnd(text, at, end) : ~next;
    }

    private static boolean isAsciiPunctuation(int codePoint) {
        return codePoint < 0x80 && CharacterClass.is(codePoint, PUNCTUATION | SYMBOL);
    }

    private static boolean isAsciiLetter(char character) {
        return character >= 'A' && character <= 'Z' || character >= 'a' && character <= 'z';
    }
}
