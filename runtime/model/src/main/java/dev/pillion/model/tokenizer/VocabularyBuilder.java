package dev.pillion.model.tokenizer;

import dev.pillion.model.ModelFormatException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Collects the tokens of files that list them by text. Ids need not be without gaps, but nearly: a wild id would make
 * the list of tokens huge.
 */
final class VocabularyBuilder {
    /** Room for gaps; the largest known gap (reserved tokens at the end) is about a thousand. */
    private static final int MOST_GAPS = 1 << 16;

    private final Path file;
    private final String[] pieces;
    private final TokenKind[] kinds;
    private int size;

    /**
     * Starts empty.
     *
     * @param file named in exceptions
     * @param tokens how many tokens will be added
     */
    VocabularyBuilder(Path file, int tokens) {
        if (tokens > Vocabulary.MOST_TOKENS) {
            throw new ModelFormatException(
                    file, "vocabulary", "has " + tokens + " tokens; " + Vocabulary.MOST_TOKENS + " are possible");
        }
        this.file = file;
        this.pieces = new String[tokens + MOST_GAPS];
        this.kinds = new TokenKind[tokens + MOST_GAPS];
        Arrays.fill(pieces, "");
        Arrays.fill(kinds, TokenKind.UNUSED);
    }

    /** Sets a token. The id is a value as read from JSON. */
    void put(String piece, Object id, TokenKind kind) {
        if (!(id instanceof Long number) || number < 0 || number >= pieces.length) {
            throw new ModelFormatException(file, "token '" + piece + "'", "has the id " + id
                    + ", which is not a number from 0 to "
                    + (pieces.length - 1));
        }
        int index = Math.toIntExact(number);
        pieces[index] = piece;
        kinds[index] = kind;
        size = Math.max(size, index + 1);
    }

    /** Changes the kind of the token with this text, if there is one. */
    void mark(String piece, TokenKind kind) {
        for (int id = 0; id < size; id++) {
            if (pieces[id].equals(piece)) {
                kinds[id] = kind;
            }
        }
    }

    /** Makes all tokens like {@code <0x0A>} byte tokens. */
    void markBytes() {
        for (int id = 0; id < size; id++) {
            if (Vocabulary.byteOf(pieces[id]) >= 0) {
                kinds[id] = TokenKind.BYTE;
            }
        }
    }

    Vocabulary build(PieceCoding coding) {
        return new Vocabulary(
                file, "vocabulary", Arrays.asList(pieces).subList(0, size), Arrays.copyOf(kinds, size), coding);
    }
}
