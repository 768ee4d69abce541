package dev.pillion.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the Vector API kernels must do beyond what holds for both sets. */
class VectorKernelsTest {
    @Test
    void areChosenHere() {
        assertThat(KernelSets.CHOSEN).isInstanceOf(VectorKernels.class);
        assertThat(KernelSets.CHOSEN.description()).contains(VectorWidth.bits() + "-bit");
    }

    @Test
    void exponentialIsWithinTwoUnitsInTheLastPlace() {
        SplittableRandom random = Seed.random();
        float[] x = new float[1 << 16];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) (random.nextDouble() * 200 - 110);
        }
        float[] result = new float[x.length];
        VectorExp.exp(x, 0, 1, 0, result, 0, x.length);
        for (int i = 0; i < x.length; i++) {
            double exact = StrictMath.exp(x[i]);
            if (exact > Float.MAX_VALUE) {
                assertThat(result[i]).isGreaterThan(Float.MAX_VALUE / 1.0001f);
            } else {
                assertThat(Math.abs(result[i] - exact))
                        .as(Seed.message("exp(" + x[i] + ") = " + result[i]))
                        .isLessThanOrEqualTo(2.0 * Math.ulp((float) exact));
            }
        }
    }

    @Test
    void exponentialOfExtremes() {
        float[] x = {
            0, -0f, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, Float.NaN, -1e10f, 1e10f, -104.6f,
            89, 101, -87.5f, Float.MIN_VALUE, -Float.MAX_VALUE, Float.MAX_VALUE, -103.9f, 1
        };
        float[] result = new float[x.length];
        VectorExp.exp(x, 0, 1, 0, result, 0, x.length);
        for (int i = 0; i < x.length; i++) {
            float exact = (float) StrictMath.exp(x[i]);
            if (Float.isNaN(exact) || Float.isInfinite(exact) || exact == 0) {
                assertThat(Float.compare(result[i], exact)).as("exp(" + x[i] + ")").isZero();
            } else {
                assertThat(Math.abs(result[i] - exact))
                        .as("exp(" + x[i] + ")")
                        .isLessThanOrEqualTo(2 * Math.ulp(exact));
            }
        }
        VectorExp.exp(x, 0, -1, 2, result, 0, x.length);
        assertThat(result[15]).isCloseTo((float) StrictMath.exp(-3), within(1e-8f));
    }

    @Test
    void convertsEveryHalf() {
        MemorySegment halves = Arena.ofAuto().allocate(2L << 16, 64);
        for (int i = 0; i < 1 << 16; i++) {
            halves.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) i);
        }
        float[] converted = new float[1 << 16];
        KernelSets.CHOSEN.halvesToFloats(halves, 0, converted, 0, converted.length);
        for (int i = 0; i < converted.length; i++) {
            float expected = Float.float16ToFloat((short) i);
            boolean same = Float.isNaN(expected)
                    ? Float.isNaN(converted[i])
                    : Float.floatToRawIntBits(converted[i]) == Float.floatToRawIntBits(expected);
            assertThat(same).as("half 0x%04x became %s instead of %s", i, converted[i], expected).isTrue();
        }
    }

    @Test
    void scoresOfMinusInfinityHaveNoWeight() {
        for (Kernels kernels : new Kernels[] {KernelSets.SCALAR, KernelSets.CHOSEN}) {
            float[] scores = new float[2 * KvTile.TOKENS];
            float[] largest = new float[2];
            float[] sum = new float[2];
            Arrays.fill(scores, 0, KvTile.TOKENS, Float.NEGATIVE_INFINITY);
            Arrays.fill(scores, KvTile.TOKENS + 5, KvTile.TOKENS + 9, Float.NEGATIVE_INFINITY);
            scores[KvTile.TOKENS + 4] = 2;
            kernels.exponentials(scores, 2, new int[] {3, 4}, new int[] {9, 9}, 0.5f, largest, sum);
            assertThat(largest).containsExactly(Float.NEGATIVE_INFINITY, 1f);
            assertThat(sum).containsExactly(0f, 1f);
            assertThat(scores[KvTile.TOKENS + 5]).isZero();
        }
    }

    @Test
    void scoresThatAreNotNumbersShowInTheSum() {
        for (Kernels kernels : new Kernels[] {KernelSets.SCALAR, KernelSets.CHOSEN}) {
            for (float other : new float[] {1, Float.NaN}) {
                float[] scores = new float[KvTile.TOKENS];
                float[] sum = new float[1];
                Arrays.fill(scores, other);
                scores[70] = Float.NaN;
                kernels.exponentials(scores, 1, new int[] {60}, new int[] {100}, 1, new float[1], sum);
                assertThat(sum[0]).isNaN();
            }
        }
    }

    @Test
    void weightsFollowTheDefinition() {
        SplittableRandom random = Seed.random();
        for (int trial = 0; trial < 200; trial++) {
            int queries = 1 + random.nextInt(AttentionScratch.QUERIES_AT_ONCE);
            float[] scores = new float[queries * KvTile.TOKENS];
            int[] from = new int[queries];
            int[] to = new int[queries];
            double spread = new double[] {0.1, 10, 300}[random.nextInt(3)];
            for (int i = 0; i < queries; i++) {
                from[i] = random.nextInt(KvTile.TOKENS);
                to[i] = from[i] + 1 + random.nextInt(KvTile.TOKENS - from[i]);
                for (int place = 0; place < KvTile.TOKENS; place++) {
                    boolean seen = from[i] <= place && place < to[i];
                    scores[i * KvTile.TOKENS + place] = seen ? (float) (random.nextDouble(-1, 1) * spread) : Float.NaN;
                }
            }
            float scale = (float) random.nextDouble(0.01, 2);
            float[] given = scores.clone();
            float[] largest = new float[queries];
            float[] sum = new float[queries];
            KernelSets.CHOSEN.exponentials(scores, queries, from, to, scale, largest, sum);
            for (int i = 0; i < queries; i++) {
                checkWeights(given, scores, i * KvTile.TOKENS, from[i], to[i], scale, largest[i], sum[i]);
            }
        }
    }

    private static void checkWeights(
            float[] scores, float[] weights, int start, int from, int to, float scale, float largest, float sum) {
        float highest = Float.NEGATIVE_INFINITY;
        for (int place = start + from; place < start + to; place++) {
            highest = Math.max(highest, scores[place] * scale);
        }
        assertThat(largest).as(Seed.message("largest")).isEqualTo(highest);
        double total = 0;
        for (int place = start + from; place < start + to; place++) {
            double argument = (double) scores[place] * scale - highest;
            double exact = Math.exp(argument);
            // Two units in the last place, the rounding of the argument, and what is below the normal numbers.
            double allowed = exact * (0x1p-22 + Math.ulp((float) argument)) + 0x1p-125;
            assertThat((double) weights[place]).as(Seed.message("weight")).isCloseTo(exact, within(allowed));
            total += exact;
        }
        assertThat((double) sum).as(Seed.message("sum")).isCloseTo(total, within(total * 1e-5));
    }
}
