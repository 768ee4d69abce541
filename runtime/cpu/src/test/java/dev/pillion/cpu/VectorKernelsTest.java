package dev.pillion.cpu;

import static org.assertj.core.api.Assertions.assertThat;

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
        for (int i = 0; i < x.length; i += VectorWidth.LANES) {
            float[] result = new float[VectorWidth.LANES];
            VectorExp.exp(VectorWidth.load(x, i)).intoArray(result, 0);
            for (int lane = 0; lane < result.length; lane++) {
                double exact = StrictMath.exp(x[i + lane]);
                if (exact > Float.MAX_VALUE) {
                    assertThat(result[lane]).isGreaterThan(Float.MAX_VALUE / 1.0001f);
                } else {
                    assertThat(Math.abs(result[lane] - exact))
                            .as(Seed.message("exp(" + x[i + lane] + ") = " + result[lane]))
                            .isLessThanOrEqualTo(2.0 * Math.ulp((float) exact));
                }
            }
        }
    }

    @Test
    void exponentialOfExtremes() {
        float[] x = {
            0, -0f, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, Float.NaN, -1e10f, 1e10f, -104.6f,
            89, 101, -87.5f, Float.MIN_VALUE, -Float.MAX_VALUE, Float.MAX_VALUE, -103.9f, 1
        };
        for (int i = 0; i < x.length; i += VectorWidth.LANES) {
            float[] result = new float[VectorWidth.LANES];
            VectorExp.exp(VectorWidth.load(x, i)).intoArray(result, 0);
            for (int lane = 0; lane < result.length; lane++) {
                float exact = (float) StrictMath.exp(x[i + lane]);
                if (Float.isNaN(exact) || Float.isInfinite(exact) || exact == 0) {
                    assertThat(Float.compare(result[lane], exact)).as("exp(" + x[i + lane] + ")").isZero();
                } else {
                    assertThat(Math.abs(result[lane] - exact)).as("exp(" + x[i + lane] + ")")
                            .isLessThanOrEqualTo(2 * Math.ulp(exact));
                }
            }
        }
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
