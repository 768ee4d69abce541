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
            float[] scores = new float[KvTile.TOKENS];
            float[] largestAndSum = new float[2];
            Arrays.fill(scores, Float.NEGATIVE_INFINITY);
            kernels.exponentials(scores, 0, 3, 9, 1, largestAndSum);
            assertThat(largestAndSum).containsExactly(Float.NEGATIVE_INFINITY, 0f);
            scores[4] = 2;
            Arrays.fill(scores, 5, 9, Float.NEGATIVE_INFINITY);
            kernels.exponentials(scores, 0, 4, 9, 0.5f, largestAndSum);
            assertThat(largestAndSum).containsExactly(1f, 1f);
            assertThat(scores[5]).isZero();
        }
    }
}
