package dev.pillion.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Damages files the way fuzzers do: flipped bits, extreme numbers, cuts, copies, pieces of other files. Most damage
 * goes to the header, where a reader's decisions are made.
 */
public final class Mutator {
    private static final long[] EDGES = {
        0, 1, -1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 24, 31, 32, 33, 63, 64, 65, 127, 128, 255, 256, 65535, 65536,
        Integer.MAX_VALUE, 1L << 31, (1L << 32) - 1, 1L << 32, 1L << 40, 1L << 61, 1L << 62, Long.MAX_VALUE - 31,
        Long.MAX_VALUE, Long.MIN_VALUE,
    };
    private static final int MAX_SPAN = 64;

    private final RandomGenerator random;
    private final List<Seed> seeds;
    private final List<byte[]> tokens;

    /**
     * A good file.
     *
     * @param bytes the file
     * @param headerBytes length of the part that gets most of the damage
     */
    public record Seed(byte[] bytes, int headerBytes) {}

    /**
     * @param random the only source of chance
     * @param seeds good files
     * @param tokens pieces of text that mean something in the format; may be empty
     */
    public Mutator(RandomGenerator random, List<Seed> seeds, List<String> tokens) {
        this.random = random;
        this.seeds = seeds;
        this.tokens = tokens.stream().map(token -> token.getBytes(StandardCharsets.UTF_8)).toList();
    }

    /** A seed with one to four pieces of damage. */
    public byte[] next() {
        Seed seed = seeds.get(random.nextInt(seeds.size()));
        byte[] bytes = seed.bytes.clone();
        for (int damage = 1 + random.nextInt(4); damage > 0 && bytes.length > 0; damage--) {
            bytes = damage(bytes, Math.min(seed.headerBytes, bytes.length));
        }
        return bytes;
    }

    private byte[] damage(byte[] bytes, int headerBytes) {
        int at = position(bytes, headerBytes);
        int span = 1 + random.nextInt(Math.min(MAX_SPAN, bytes.length - at));
        return switch (random.nextInt(tokens.isEmpty() ? 11 : 18)) {
            case 0, 1 -> flipBit(bytes, at);
            case 2 -> setByte(bytes, at, (byte) random.nextInt(256));
            case 3, 4, 5 -> edge(bytes, at);
            case 6 -> Arrays.copyOf(bytes, at);
            case 7 -> splice(bytes, at, at + span, new byte[0]);
            case 8 -> splice(bytes, at, at, Arrays.copyOfRange(bytes, at, at + span));
            case 9 -> splice(bytes, at, at + span, foreignSpan());
            case 10 -> fill(bytes, at, at + span);
            case 11, 12, 13, 14 -> renumber(bytes, at);
            default -> splice(bytes, at, at + random.nextInt(Math.min(4, span)),
                    tokens.get(random.nextInt(tokens.size())));
        };
    }

    private int position(byte[] bytes, int headerBytes) {
        return switch (random.nextInt(10)) {
            case 0 -> random.nextInt(bytes.length);
            case 1, 2 -> random.nextInt(Math.min(64, headerBytes));
            default -> random.nextInt(headerBytes);
        };
    }

    private byte[] flipBit(byte[] bytes, int at) {
        return setByte(bytes, at, (byte) (bytes[at] ^ 1 << random.nextInt(8)));
    }

    private static byte[] setByte(byte[] bytes, int at, byte value) {
        bytes[at] = value;
        return bytes;
    }

    private byte[] edge(byte[] bytes, int at) {
        long edge = EDGES[random.nextInt(EDGES.length)];
        byte[] value = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(edge).array();
        int width = Math.min(1 << random.nextInt(4), bytes.length - at);
        System.arraycopy(value, 0, bytes, at, width);
        return bytes;
    }

    private byte[] foreignSpan() {
        byte[] other = seeds.get(random.nextInt(seeds.size())).bytes;
        int from = random.nextInt(other.length);
        return Arrays.copyOfRange(other, from, Math.min(other.length, from + 1 + random.nextInt(MAX_SPAN)));
    }

    private byte[] fill(byte[] bytes, int from, int to) {
        Arrays.fill(bytes, from, to, (byte) (random.nextBoolean() ? 0 : -1));
        return bytes;
    }

    /** Replaces the next number written in digits by one near it or by an extreme one. */
    private byte[] renumber(byte[] bytes, int at) {
        int from = at;
        while (from < bytes.length && !isDigit(bytes[from])) {
            from++;
        }
        int to = from;
        while (to < bytes.length && to - from < 18 && isDigit(bytes[to])) {
            to++;
        }
        if (from == to) {
            return bytes;
        }
        long old = Long.parseLong(new String(bytes, from, to - from, StandardCharsets.US_ASCII));
        long number = random.nextInt(3) == 0 ? EDGES[random.nextInt(EDGES.length)] : old + random.nextInt(-8, 9);
        return splice(bytes, from, to, Long.toString(number).getBytes(StandardCharsets.US_ASCII));
    }

    private static boolean isDigit(byte value) {
        return value >= '0' && value <= '9';
    }

    private static byte[] splice(byte[] bytes, int from, int to, byte[] replacement) {
        byte[] result = new byte[bytes.length - (to - from) + replacement.length];
        System.arraycopy(bytes, 0, result, 0, from);
        System.arraycopy(replacement, 0, result, from, replacement.length);
        System.arraycopy(bytes, to, result, from + replacement.length, bytes.length - to);
        return result;
    }
}
