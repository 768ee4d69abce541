package dev.pillion.model.tokenizer;

import static dev.pillion.model.tokenizer.CharacterClass.LETTER;
import static dev.pillion.model.tokenizer.CharacterClass.NUMBER;
import static dev.pillion.model.tokenizer.CharacterClass.SPACE;

/**
 * GPT-2: {@code 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+}.
 *
 * <p>Every position matches. The last alternative is missing in some files, which changes nothing where a splitter
 * keeps the text between matches.
 */
final class Gpt2Scanner implements Scanner {
    static final String EXPRESSION =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    @Override
    public int match(String text, int at, int end) {
        int contraction = Contractions.match(text, at, end);
        if (contraction > at) {
            return contraction;
        }
        int word = text.charAt(at) == ' ' && at + 1 < end ? at + 1 : at;
        int first = text.codePointAt(word);
        if (CharacterClass.is(first, SPACE)) {
            return Scanner.spacesBeforeWord(text, at, CharacterClass.skip(text, at, end, SPACE), end);
        }
        if (CharacterClass.is(first, LETTER)) {
            return CharacterClass.skip(text, word, end, LETTER);
        }
        if (CharacterClass.is(first, NUMBER)) {
            return CharacterClass.skip(text, word, end, NUMBER);
        }
        return CharacterClass.skipNot(text, word, end, SPACE | LETTER | NUMBER);
    }
}
