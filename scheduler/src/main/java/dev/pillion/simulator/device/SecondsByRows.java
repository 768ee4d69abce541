package dev.pillion.simulator.device;

import java.util.function.LongToDoubleFunction;

/**
 * A time that depends on a number of rows alone, kept once it was computed. Threads may share one: they write the same value, and
 * a float is written whole.
 */
final class SecondsByRows {
    private static final int KEPT = 1 << 14;

    private final LongToDoubleFunction seconds;
    private final float[] kept = new float[KEPT];

    SecondsByRows(LongToDoubleFunction seconds) {
        this.seconds = seconds;
    }

    double at(long rows) {
        if (rows >= KEPT) {
            return seconds.applyAsDouble(rows);
        }
        float known = kept[(int) rows];
        if (known == 0) {
            known = (float) seconds.applyAsDouble(rows);
            kept[(int) rows] = known;
        }
        return known;
    }
}
