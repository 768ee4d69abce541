package dev.pillion.benchmarks.gpu;

import dev.pillion.GeneratedToken;
import dev.pillion.GenerationListener;
import dev.pillion.benchmarks.Samples;
import java.util.Arrays;

/** Notes when each token of a stream came, as its reader sees it. */
final class TokenTimes implements GenerationListener {
    private long[] nanos = new long[256];
    private int count;

    @Override
    public synchronized void onToken(GeneratedToken token) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = System.nanoTime();
    }

    /** Tokens so far. */
    synchronized int count() {
        return count;
    }

    /** When the first token came. */
    synchronized long first() {
        return nanos[0];
    }

    /** When the last token came. */
    synchronized long last() {
        return nanos[count - 1];
    }

    /** Tokens that came after {@code from} and not after {@code to}. */
    synchronized int between(long from, long to) {
        int within = 0;
        for (int i = 0; i < count; i++) {
            within += nanos[i] > from && nanos[i] <= to ? 1 : 0;
        }
        return within;
    }

    /** Adds the times between tokens in milliseconds. */
    synchronized void addGaps(Samples gaps) {
        for (int i = 1; i < count; i++) {
            gaps.add((nanos[i] - nanos[i - 1]) / 1e6);
        }
    }
}
