package dev.pillion.model.tokenizer;

import dev.pillion.model.ModelFormatException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** The tokens of a model by id: their text as the file has it, and their kind. */
final class Vocabulary {
    /** The answer for text that is no token. */
    static final int NONE = -1;

    /** More tokens than any known model has by a factor of eight; a bound on what a file can make a loader allocate. */
    static final int MOST_TOKENS = 1 << 21;

    /** Longer than any known token by a factor of four; a bound on the work of finding a token's halves. */
    static final int LONGEST_PIECE = 1024;

    private final List<String> pieces;
    private final TokenKind[] kinds;
    private final PieceCoding coding;
    private final Map<String, Integer> ids;

    /**
     * Checks and indexes a vocabulary.
     *
     * @param file named in exceptions
     * @param subject the part of the file that lists the tokens
     * @param pieces the text of every token; where two agree, the later one is found by its text
     * @param kinds the kind of every token, as many as there are pieces
     * @param coding how the text of normal tokens is written
     */
    Vocabulary(Path file, String subject, List<String> pieces, TokenKind[] kinds, PieceCoding coding) {
        if (pieces.isEmpty() || pieces.size() > MOST_TOKENS) {
            throw new ModelFormatException(
                    file, subject, "has " + pieces.size() + " tokens; 1 to " + MOST_TOKENS + " are possible");
        }
        this.pieces = List.copyOf(pieces);
        this.kinds = kinds.clone();
        this.coding = coding;
        this.ids = HashMap.newHashMap(pieces.size());
        for (int id = 0; id < pieces.size(); id++) {
            if (pieces.get(id).length() > LONGEST_PIECE) {
                throw new ModelFormatException(file, subject, "token " + id + " has " + pieces.get(id).length()
                        + " characters; " + LONGEST_PIECE + " are possible");
            }
            if (kinds[id] == TokenKind.BYTE && byteOf(pieces.get(id)) < 0) {
                throw new ModelFormatException(
                        file, subject, "token " + id + " is of kind byte but '" + pieces.get(id)
                                + "' is not like <0x0A>");
            }
            ids.put(pieces.get(id), id);
        }
    }

    int size() {
        return pieces.size();
    }

    PieceCoding coding() {
        return coding;
    }

    /** A token's text as the file has it; empty for ids beyond the vocabulary, which padded models have. */
    String piece(int id) {
        return id < pieces.size() ? pieces.get(id) : "";
    }

    /** A token's kind; ids beyond the vocabulary are unused. */
    TokenKind kind(int id) {
        return id < kinds.length ? kinds[id] : TokenKind.UNUSED;
    }

    /** The token with this text as the file has it, or {@link #NONE}. */
    int idOf(String piece) {
        return ids.getOrDefault(piece, NONE);
    }

    /**
     * The token that text may become, or {@link #NONE}. Control tokens, the unknown token and byte tokens are not among
     * them, so that no text, however chosen, turns into a control token by way of merges.
     */
    int textIdOf(String piece) {
        int id = idOf(piece);
        return id == NONE || isMarkup(kinds[id]) ? NONE : id;
    }

    /** Whether tokens of a kind can not be the result of merges. */
    static boolean isMarkup(TokenKind kind) {
        return kind == TokenKind.CONTROL || kind == TokenKind.UNKNOWN || kind == TokenKind.BYTE;
    }

    /** The bytes a token stands for; control tokens stand for their name. */
    byte[] bytes(int id) {
        String piece = piece(id);
        return switch (kind(id)) {
            case BYTE -> new byte[] {(byte) byteOf(piece)};
            case NORMAL, UNUSED -> coding.bytes(piece);
            case USER_DEFINED -> piece.replace(Metaspace.SPACE, ' ').getBytes(StandardCharsets.UTF_8);
            case CONTROL, UNKNOWN -> piece.getBytes(StandardCharsets.UTF_8);
        };
    }

    /** The tokens of the 256 bytes where all of them exist, otherwise an empty array. */
    int[] byteTokens() {
        int[] tokens = new int[256];
        for (int value = 0; value < tokens.length; value++) {
            int id = idOf("<0x" + HexFormat.of().withUpperCase().toHexDigits((byte) value) + ">");
            if (id == NONE || kinds[id] != TokenKind.BYTE) {
                return new int[0];
            }
            tokens[value] = id;
        }
        return tokens;
    }

    /** The value of a byte token's text such as {@code <0x0A>}, or -1. */
    static int byteOf(String piece) {
        if (piece.length() != 6 || !piece.startsWith("<0x") || piece.charAt(5) != '>') {
            return -1;
        }
        int high = Character.digit(piece.charAt(3), 16);
        int low = Character.digit(piece.charAt(4), 16);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }
}
