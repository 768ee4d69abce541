package dev.pillion.kernels.ptx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Reads declarations of variables and parameters. */
final class PtxDeclarations {
    private final PtxCursor cursor;

    PtxDeclarations(PtxCursor cursor) {
        this.cursor = cursor;
    }

    static boolean isSpace(String word) {
        return switch (word) {
            case ".global", ".const", ".shared", ".local", ".param" -> true;
            default -> false;
        };
    }

    /** Reads a declaration from its state space on, without what ends it. */
    PtxVariable variable() {
        int line = cursor.peek().line();
        String space = cursor.word().substring(1);
        int alignment = 0;
        int vector = 1;
        boolean pointer = false;
        PtxType type = null;
        while (cursor.peek().kind() == PtxToken.Kind.WORD && cursor.peek().text().startsWith(".")) {
            String word = cursor.word();
            switch (word) {
                case ".align" -> {
                    int given = cursor.integer();
                    alignment = pointer ? alignment : given;
                }
                // What follows .ptr speaks of the memory pointed to.
                case ".ptr" -> pointer = true;
                case ".global", ".const", ".shared", ".local" -> { }
                case ".v2" -> vector = 2;
                case ".v4" -> vector = 4;
                default -> type = PtxType.named(word.substring(1))
                        .orElseThrow(() -> new PtxException(line, "unknown type " + word));
            }
        }
        String name = cursor.word();
        if (type == null) {
            throw new PtxException(line, "no type given for " + name);
        }
        long bytes = (long) type.bytes() * vector * elements();
        byte[] initial = cursor.accept("=") ? initializer(type, bytes) : new byte[0];
        return new PtxVariable(space, name, type, Math.max(alignment, type.bytes()), bytes, initial, line);
    }

    private long elements() {
        long count = 1;
        while (cursor.accept("[")) {
            count *= cursor.peek().is("]") ? 0 : cursor.integer();
            cursor.expect("]");
        }
        return count;
    }

    private byte[] initializer(PtxType type, long bytes) {
        ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
        initialValues(type, buffer);
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    private void initialValues(PtxType type, ByteBuffer buffer) {
        if (!cursor.accept("{")) {
            if (buffer.remaining() < type.bytes()) {
                throw new PtxException(cursor.peek().line(), "more initial values than elements");
            }
            long bits = cursor.literal().bits();
            for (int i = 0; i < type.bytes(); i++) {
                buffer.put((byte) (bits >>> 8 * i));
            }
            return;
        }
        while (!cursor.accept("}")) {
            initialValues(type, buffer);
            cursor.accept(",");
        }
    }
}
