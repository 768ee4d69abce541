package dev.pillion.kernels.virtual;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.IntBinaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Instructions that lanes of a warp execute together. */
class WarpInstructionsTest {
    private static final int COUNT = 64;

    private static int[] values() {
        return new Random(19).ints(COUNT, 0, 40).toArray();
    }

    private static int[] run(String text, int[] a) {
        return Snippet.words(text, a, a, a);
    }

    /** The pseudocode of the ISA. */
    private static int source(String mode, int lane, int b, int c) {
        int segment = c >>> 8 & 31;
        int clamp = c & 31;
        int most = lane & segment | clamp & ~segment;
        int least = lane & segment;
        int j;
        boolean within;
        switch (mode) {
            case "up" -> {
                j = lane - b;
                within = j >= most;
            }
            case "down" -> {
                j = lane + b;
                within = j <= most;
            }
            case "bfly" -> {
                j = lane ^ b;
                within = j <= most;
            }
            default -> {
                j = least | b & ~segment;
                within = j <= most;
            }
        }
        return within ? j : -1;
    }

    @ParameterizedTest
    @CsvSource({"up, 3, 0", "up, 1, 7168", "down, 5, 31", "down, 2, 7199", "bfly, 16, 31", "bfly, 3, 6175",
            "idx, 9, 31", "idx, 3, 6175"})
    void shuffles(String mode, int b, int c) {
        int[] a = values();
        int[] got = run("shfl.sync." + mode + ".b32 %d|%p, %a, " + b + ", " + c + ", -1; @!%p add.s32 %d, %d, 1000;",
                a);
        for (int i = 0; i < COUNT; i++) {
            int from = source(mode, i % 32, b, c);
            assertThat(got[i]).as("lane %d", i).isEqualTo(from < 0 ? a[i] + 1000 : a[i / 32 * 32 + from]);
        }
    }

    private static int lanes(int[] a, int warp, IntBinaryOperator test, int of) {
        int mask = 0;
        for (int lane = 0; lane < 32; lane++) {
            mask |= test.applyAsInt(a[32 * warp + lane], of) << lane;
        }
        return mask;
    }

    @Test
    void votes() {
        int[] a = values();
        int[] ballot = run("setp.gt.s32 %p, %a, 20; vote.sync.ballot.b32 %d, %p, -1;", a);
        int[] any = run("setp.gt.s32 %p, %a, 100; vote.sync.any.pred %q, %p, -1; selp.u32 %d, 1, 0, %q;", a);
        int[] all = run("setp.gt.s32 %p, %a, 100; vote.sync.all.pred %q, !%p, -1; selp.u32 %d, 1, 0, %q;", a);
        int[] uniform = run("setp.gt.s32 %p, %a, 20; vote.sync.uni.pred %q, %p, -1; selp.u32 %d, 1, 0, %q;", a);
        for (int i = 0; i < COUNT; i++) {
            assertThat(ballot[i]).isEqualTo(lanes(a, i / 32, (x, y) -> x > y ? 1 : 0, 20));
            assertThat(any[i]).isZero();
            assertThat(all[i]).isEqualTo(1);
            assertThat(uniform[i]).isZero();
        }
    }

    @Test
    void masksOfDivergedLanes() {
        int[] a = values();
        int[] active = run("setp.gt.s32 %p, %a, 20; @%p bra high; activemask.b32 %d; bra end; high: mov.u32 %d, 0; end: mov.u32 %t3, 0;", a);
        int[] voted = run("setp.gt.s32 %p, %a, 20; vote.sync.ballot.b32 %t3, %p, -1; @!%p bra end; setp.gt.s32 %q, %a, 30;"
                + " vote.sync.ballot.b32 %d, %q, %t3; end: mov.u32 %t4, 0;", a);
        for (int i = 0; i < COUNT; i++) {
            assertThat(active[i]).isEqualTo(a[i] > 20 ? 0 : lanes(a, i / 32, (x, y) -> x <= y ? 1 : 0, 20));
            assertThat(voted[i]).isEqualTo(a[i] > 20 ? lanes(a, i / 32, (x, y) -> x > y ? 1 : 0, 30) : 0);
        }
    }

    @Test
    void matches() {
        int[] a = values();
        int[] any = run("match.any.sync.b32 %d, %a, -1;", a);
        int[] wide = run("cvt.u64.u32 %lt0, %a; match.any.sync.b64 %d, %lt0, -1;", a);
        int[] all = run("match.all.sync.b32 %d|%p, %a, -1; @%p add.s32 %d, %d, 7;", a);
        int[] same = run("match.all.sync.b32 %d|%p, 5, -1; @%p add.s32 %d, %d, 7;", a);
        for (int i = 0; i < COUNT; i++) {
            assertThat(any[i]).isEqualTo(lanes(a, i / 32, (x, y) -> x == y ? 1 : 0, a[i]));
            assertThat(wide[i]).isEqualTo(any[i]);
            assertThat(all[i]).isZero();
            assertThat(same[i]).isEqualTo(-1 + 7);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"add.s32", "min.s32", "max.u32", "and.b32", "or.b32", "xor.b32"})
    void reductions(String operation) {
        int[] a = values();
        IntBinaryOperator f = switch (operation.substring(0, 3)) {
            case "add" -> Integer::sum;
            case "min" -> Math::min;
            case "max" -> Math::max;
            case "and" -> (x, y) -> x & y;
            case "xor" -> (x, y) -> x ^ y;
            default -> (x, y) -> x | y;
        };
        int[] got = run("redux.sync." + operation + " %d, %a, -1;", a);
        for (int warp = 0; warp < 2; warp++) {
            int expected = a[32 * warp];
            for (int lane = 1; lane < 32; lane++) {
                expected = f.applyAsInt(expected, a[32 * warp + lane]);
            }
            assertThat(got[32 * warp + 13]).isEqualTo(expected);
        }
    }

    @Test
    void reducesAtBarriers() {
        int[] a = new Random(20).ints(128, 0, 40).toArray();
        int[] count = run("setp.gt.s32 %p, %a, 20; bar.red.popc.u32 %d, 0, %p;", a);
        int[] some = run("setp.gt.s32 %p, %a, 38; bar.red.or.pred %q, 0, %p; selp.u32 %d, 1, 0, %q;", a);
        int[] all = run("setp.gt.s32 %p, %a, -1; barrier.sync 0; bar.red.and.pred %q, 0, 128, %p; selp.u32 %d, 1, 0, %q;", a);
        int expected = 0;
        boolean any = false;
        for (int value : a) {
            expected += value > 20 ? 1 : 0;
            any |= value > 38;
        }
        assertThat(count).containsOnly(expected);
        assertThat(some).containsOnly(any ? 1 : 0);
        assertThat(all).containsOnly(1);
    }
}
