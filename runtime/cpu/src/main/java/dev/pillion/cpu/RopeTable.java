package dev.pillion.cpu;

import dev.pillion.spi.Rope;
import java.util.Arrays;

/**
 * Cosines and sines of a rotation by position, computed in double precision and rounded once; grown when a longer
 * sequence comes.
 */
final class RopeTable {
    private static final int SMALLEST_POSITIONS = 256;

    private final Rope rope;
    private final int pairs;
    private int positions;
    /** {@code [position][pair]}. */
    float[] cosines = {};
    /** {@code [position][pair]}. */
    float[] sines = {};

    RopeTable(Rope rope) {
        this.rope = rope;
        this.pairs = rope.pairs();
    }

    /** Makes sure of the positions below {@code count}. */
    void cover(int count) {
        if (count <= positions) {
            return;
        }
        int grown = Math.max(SMALLEST_POSITIONS, Math.max(count, count + count / 2));
        cosines = Arrays.copyOf(cosines, Math.multiplyExact(grown, pairs));
        sines = Arrays.copyOf(sines, cosines.length);
        for (int position = positions; position < grown; position++) {
            for (int i = 0; i < pairs; i++) {
                double angle = (double) position * rope.inverseFrequency(i);
                cosines[position * pairs + i] = (float) (StrictMath.cos(angle) * rope.magnitude());
                sines[position * pairs + i] = (float) (StrictMath.sin(angle) * rope.magnitude());
            }
        }
        positions = grown;
    }

    /** Turns one head at {@code start} of {@code x}. */
    void turn(float[] x, int start, int position) {
        int angles = position * pairs;
        if (rope.pairing() == Rope.Pairing.HALVES) {
            for (int i = 0; i < pairs; i++) {
                float a = x[start + i];
                float b = x[start + pairs + i];
                x[start + i] = a * cosines[angles + i] - b * sines[angles + i];
                x[start + pairs + i] = a * sines[angles + i] + b * cosines[angles + i];
            }
        } else {
            for (int i = 0; i < pairs; i++) {
                float a = x[start + 2 * i];
                float b = x[start + 2 * i + 1];
                x[start + 2 * i] = a * cosines[angles + i] - b * sines[angles + i];
                x[start + 2 * i + 1] = a * sines[angles + i] + b * cosines[angles + i];
            }
        }
    }
}
