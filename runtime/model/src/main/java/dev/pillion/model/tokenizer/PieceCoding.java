package dev.pillion.model.tokenizer;

import java.nio.charset.StandardCharsets;

/** How the text of a normal token is written in its vocabulary. */
enum PieceCoding {
    /** In the byte-level alphabet of {@link ByteLevel}. */
    BYTE_LEVEL {
        @Override
        byte[] bytes(String piece) {
            return ByteLevel.decode(piece);
        }
    },

    /** With {@link Metaspace#SPACE} for spaces. */
    METASPACE {
        @Override
        byte[] bytes(String piece) {
            return piece.replace(Metaspace.SPACE, ' ').getBytes(StandardCharsets.UTF_8);
        }
    };

    /** The bytes that a piece stands for. */
    abstract byte[] bytes(String piece);
}
