package dev.pillion.kernels.virtual;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Arithmetic on halves and bfloat16, one and two at a time, against exact arithmetic. */
class HalfInstructionsTest {
    private static final int COUNT = 600;
    private static final long SEED = 13;

    private interface Exact {
        BigDecimal apply(BigDecimal a, BigDecimal b, BigDecimal c);
    }

    private static float value(short bits, boolean brain) {
        return brain ? Float.intBitsToFloat(bits << 16) : Float.float16ToFloat(bits);
    }

    private static void exact(String instruction, boolean brain, Exact operation) {
        String type = brain ? "bf16" : "f16";
        Random random = new Random(SEED);
        short[] a = Snippet.randomHalves(random, COUNT, brain);
        short[] b = Snippet.randomHalves(random, COUNT, brain);
        short[] c = Snippet.randomHalves(random, COUNT, brain);
        String operands = instruction.startsWith("fma") ? "%hd, %ha, %hb, %hc;" : "%hd, %ha, %hb;";
        String packed = instruction.startsWith("fma") ? "%d, %t3, %t4, %t5;" : "%d, %t3, %t4;";
        int[] single = Snippet.halves(instruction + "." + type + " " + operands, a, b, c);
        int[] upper = Snippet.halves("mov.b32 %t3, {0, %ha}; mov.b32 %t4, {0, %hb}; mov.b32 %t5, {0, %hc}; "
                + instruction
                + "." + type + "x2 " + packed + " mov.b32 {_, %hd}, %d;", a, b, c);
        int checked = 0;
        for (int i = 0; i < COUNT; i++) {
            float x = value(a[i], brain);
            float y = value(b[i], brain);
            float z = value(c[i], brain);
            if (!Float.isFinite(x) || !Float.isFinite(y) || !Float.isFinite(z)) {
                continue;
            }
            BigDecimal e = operation.apply(new BigDecimal(x), new BigDecimal(y), new BigDecimal(z));
            if (e.signum() == 0) {
                continue;
            }
            ExactFormat format = brain ? ExactFormat.BRAIN : ExactFormat.HALF;
            int expected = format.round(e, "rn") | (e.signum() < 0 ? 0x8000 : 0);
            assertThat(single[i]).as("%s.%s of %s, %s, %s (seed %d)", instruction, type, x, y, z,
                    SEED).isEqualTo(expected);
            assertThat(upper[i]).as("%s.%sx2 of %s, %s, %s (seed %d)", instruction, type, x, y, z,
                    SEED).isEqualTo(expected);
            checked++;
        }
        assertThat(checked).isGreaterThan(COUNT / 3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void roundsOnce(boolean brain) {
        exact("add", brain, (a, b, _) -> a.add(b));
        exact("sub", brain, (a, b, _) -> a.subtract(b));
        exact("mul", brain, (a, b, _) -> a.multiply(b));
        exact("fma.rn", brain, (a, b, c) -> a.multiply(b).add(c));
        exact("min", brain, (a, b, _) -> a.min(b));
        exact("max", brain, (a, b, _) -> a.max(b));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void handlesSigns(boolean brain) {
        String type = brain ? "bf16" : "f16";
        Random random = new Random(SEED);
        short[] a = Snippet.randomHalves(random, COUNT, brain);
        int[] negated = Snippet.halves("neg." + type + " %hd, %ha;", a, a, a);
        int[] absolute = Snippet.halves("abs." + type + " %hd, %ha;", a, a, a);
        int[] positive = Snippet.halves("fma.rn.relu." + type + " %hd, %ha, %hb, %hc;", a, ones(brain),
                new short[COUNT]);
        for (int i = 0; i < COUNT; i++) {
            assertThat(negated[i]).isEqualTo((a[i] ^ 0x8000) & 0xffff);
            assertThat(absolute[i]).isEqualTo(a[i] & 0x7fff);
            float value = value(a[i], brain);
            if (value == value) {
                assertThat(positive[i]).isEqualTo(value > 0 ? a[i] & 0xffff : 0);
            }
        }
    }

    private static short[] ones(boolean brain) {
        short[] ones = new short[COUNT];
        java.util.Arrays.fill(ones, (short) (brain ? 0x3f80 : 0x3c00));
        return ones;
    }
}
