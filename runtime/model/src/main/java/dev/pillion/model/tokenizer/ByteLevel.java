package dev.pillion.model.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The byte-level alphabet of GPT-2, and the step that rewrites pieces in it.
 *
 * <p>Merges run over text, but any bytes must be expressible. So each byte of the UTF-8 form is written as one
 * printable character: printable Latin-1 bytes stand for themselves, the other 68 are numbered from U+0100 in ascending
 * order (the space becomes U+0120).
 *
 * @param prefixSpace whether a piece that does not begin with a space gets one
 * @param splitting whether the piece is first cut as GPT-2 does
 */
record ByteLevel(boolean prefixSpace, boolean splitting) implements PreTokenizer {
    private static final char[] CHARACTER_OF_BYTE = new char[256];
    private static final short[] BYTE_OF_CHARACTER = new short[256 + 68];
    private static final Split GPT2 = Split.at(new Gpt2Scanner());

    static {
        Arrays.fill(BYTE_OF_CHARACTER, (short) -1);
        char next = 256;
        for (int value = 0; value < 256; value++) {
            boolean printable = value > ' ' && value < 0x7F || value > 0xA0 && value != 0xAD;
            char character = printable ? (char) value : next++;
            CHARACTER_OF_BYTE[value] = character;
            BYTE_OF_CHARACTER[character] = (short) value;
        }
    }

    /** The character that stands for a byte. */
    static char characterOf(int unsignedByte) {
        return CHARACTER_OF_BYTE[unsignedByte];
    }

    /** Bytes written in the alphabet. */
    static String encode(byte[] bytes) {
        char[] characters = new char[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            characters[i] = CHARACTER_OF_BYTE[bytes[i] & 0xFF];
        }
        return new String(characters);
    }

    /** The bytes that a token's text stands for; text that is not in the alphabet stands for itself. */
    static byte[] decode(String piece) {
        byte[] bytes = new byte[piece.length()];
        for (int i = 0; i < bytes.length; i++) {
            char character = piece.charAt(i);
            int value = character < BYTE_OF_CHARACTER.length ? BYTE_OF_CHARACTER[character] : -1;
            if (value < 0) {
                return piece.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = (byte) value;
        }
        return bytes;
    }

    @Override
    public Pieces apply(Pieces pieces) {
        Pieces spaced = prefixSpace ? withSpaces(pieces) : pieces;
        return rewritten(splitting ? GPT2.apply(spaced) : spaced);
    }

    private static Pieces withSpaces(Pieces pieces) {
        PieceBuilder builder = new PieceBuilder(pieces);
        for (int i = 0; i < pieces.count(); i++) {
            if (pieces.text().charAt(pieces.start(i)) != ' ') {
                builder.text.append(' ');
            }
            builder.text.append(pieces.text(), pieces.start(i), pieces.end(i));
            builder.endPiece();
        }
        return builder.build();
    }

    private static Pieces rewritten(Pieces pieces) {
        PieceBuilder builder = new PieceBuilder(pieces);
        for (int i = 0; i < pieces.count(); i++) {
            int position = pieces.start(i);
            while (position < pieces.end(i)) {
                int codePoint = pieces.text().codePointAt(position);
                appendBytes(builder.text, codePoint);
                position += Character.charCount(codePoint);
            }
            builder.endPiece();
        }
        return builder.build();
    }

    /** Appends the UTF-8 form of a code point, which is not a surrogate, in the alphabet. */
    private static void appendBytes(StringBuilder out, int codePoint) {
        if (codePoint < 0x80) {
            out.append(CHARACTER_OF_BYTE[codePoint]);
        } else if (codePoint < 0x800) {
            out.append(CHARACTER_OF_BYTE[0xC0 | codePoint >> 6]);
            out.append(CHARACTER_OF_BYTE[0x80 | codePoint & 0x3F]);
        } else if (codePoint < 0x10000) {
            out.append(CHARACTER_OF_BYTE[0xE0 | codePoint >> 12]);
            out.append(CHARACTER_OF_BYTE[0x80 | codePoint >> 6 & 0x3F]);
            out.append(CHARACTER_OF_BYTE[0x80 | codePoint & 0x3F]);
        } else {
            out.append(CHARACTER_OF_BYTE[0xF0 | codePoint >> 18]);
            out.append(CHARACTER_OF_BYTE[0x80 | codePoint >> 12 & 0x3F]);
            out.append(CHARACTER_OF_BYTE[0x80 | codePoint >> 6 & 0x3F]);
            out.append(CHARACTER_OF_BYTE[0x80 | codePoint & 0x3F]);
        }
    }
}
