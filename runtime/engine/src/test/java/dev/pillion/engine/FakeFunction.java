package dev.pillion.engine;

/**
 * What the {@link FakeBackend} computes: the forward pass with every number replaced by a hash, so that the logits of
 * a token are a pure function of all tokens up to it, and a wrong, missing or misplaced one changes all that follows.
 */
final class FakeFunction {
    static final int VOCABULARY = 64;
    /** Hash of no tokens. */
    static final long EMPTY = 0x9e3779b97f4a7c15L;
    /** An activation that has become NaN. */
    static final long BROKEN = Long.MIN_VALUE;
    /** Sequences that begin with this token get NaN logits at about one position in eight. */
    static final int FRAGILE_START = 5;

    private FakeFunction() {}

    /** Hash of the tokens up to and including {@code token} at {@code position}. */
    static long append(long prefix, int token, int position) {
        return mix(prefix * 31 + token * 4099L + position + 1);
    }

    /** What attention gives for a query that sees the tokens of {@code prefix}, the first of which is {@code first}. */
    static long attended(long prefix, int first) {
        return first == FRAGILE_START && (prefix & 7) == 0 ? BROKEN : prefix;
    }

    /** {@code residual + delta}. */
    static long add(long residual, long delta) {
        return residual == BROKEN || delta == BROKEN ? BROKEN : mix(residual * 7 + delta) | 1;
    }

    /** What the last layer leaves for the last of a prefix's tokens. */
    static long lastHidden(long prefix, int first, int last) {
        long afterAttention = add(last, attended(prefix, first));
        return add(afterAttention, afterAttention);
    }

    /** Logits of a row of the output matrix's input. */
    static void logits(long hidden, float[] target, int offset) {
        for (int token = 0; token < VOCABULARY; token++) {
            target[offset + token] = hidden == BROKEN ? Float.NaN : (mix(hidden + token) >>> 44) * 0x1p-17f;
        }
    }

    private static long mix(long value) {
        long z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
