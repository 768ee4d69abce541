package dev.pillion.kernels.virtual;

import static java.lang.Float.intBitsToFloat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Comparisons, their combination with predicates, and selection. */
class ComparisonInstructionsTest {
    private static final int COUNT = 500;
    private static final long SEED = 15;

    private interface Relation<T> {
        boolean holds(T a, T b);
    }

    private static void words(String text, boolean floats, Relation<Integer> relation) {
        Random random = new Random(SEED);
        int[] a = floats ? Snippet.randomFloats(random, COUNT) : Snippet.randomWords(random, COUNT);
        int[] b = floats ? Snippet.randomFloats(random, COUNT) : Snippet.randomWords(random, COUNT);
        for (int i = 0; i < COUNT; i += 5) {
            b[i] = a[i];
        }
        int[] d = Snippet.words(text + " selp.b32 %d, 1, 0, %p;", a, b, b);
        for (int i = 0; i < COUNT; i++) {
            assertThat(d[i]).as("%s of 0x%x, 0x%x (seed %d)", text, a[i], b[i],
                    SEED).isEqualTo(relation.holds(a[i], b[i]) ? 1 : 0);
        }
    }

    @Test
    void integers() {
        Map<String, Relation<Integer>> signed = new TreeMap<>(Map.of("eq", Integer::equals, "ne",
                (a, b) -> !a.equals(b),
                "lt", (a, b) -> a < b, "le", (a, b) -> a <= b, "gt", (a, b) -> a > b, "ge", (a, b) -> a >= b));
        signed.forEach((name, relation) -> {
            words("setp." + name + ".s32 %p, %a, %b;", false, relation);
            words("setp." + name + ".u32 %p, %a, %b;", false, (a, b) -> relation.holds(a ^ Integer.MIN_VALUE,
                    b ^ Integer.MIN_VALUE));
            words("cvt.s64.s32 %lt0, %a; cvt.s64.s32 %lt1, %b; setp." + name + ".s64 %p, %lt0, %lt1;", false, relation);
            words("cvt.s64.s32 %lt0, %a; cvt.s64.s32 %lt1, %b; setp." + name + ".u64 %p, %lt0, %lt1;", false,
                    (a, b) -> relation.holds(a ^ Integer.MIN_VALUE, b ^ Integer.MIN_VALUE));
            words("cvt.u16.u32 %ha, %a; cvt.u16.u32 %hb, %b; setp." + name + ".s16 %p, %ha, %hb;", false,
                    (a, b) -> relation.holds((int) (short) (int) a, (int) (short) (int) b));
            words("cvt.u16.u32 %ha, %a; cvt.u16.u32 %hb, %b; setp." + name + ".u16 %p, %ha, %hb;", false,
                    (a, b) -> relation.holds(a & 0xffff, b & 0xffff));
        });
        Map.of("lo", "lt", "ls", "le", "hi", "gt", "hs", "ge").forEach((name, like) -> words("setp." + name
                + ".u32 %p, %a, %b;",
                false, (a, b) -> signed.get(like).holds(a ^ Integer.MIN_VALUE, b ^ Integer.MIN_VALUE)));
    }

    @Test
    void floats() {
        Map<String, Relation<Float>> relations = new TreeMap<>(Map.of("eq", (a, b) -> (float) a == b, "lt",
                (a, b) -> a < b,
                "le", (a, b) -> a <= b, "gt", (a, b) -> a > b, "ge", (a, b) -> a >= b,
                "ne", (a, b) -> a < b || a > b, "num", (a, b) -> !a.isNaN() && !b.isNaN(), "nan", (a, b) -> a.isNaN()
                || b.isNaN()));
        relations.forEach((name, relation) -> {
            words("setp." + name + ".f32 %p, %a, %b;", true, (a, b) -> relation.holds(intBitsToFloat(a),
                    intBitsToFloat(b)));
            words("cvt.f64.f32 %lt0, %a; cvt.f64.f32 %lt1, %b; setp." + name + ".f64 %p, %lt0, %lt1;", true,
                    (a, b) -> relation.holds(intBitsToFloat(a), intBitsToFloat(b)));
            if (name.length() == 2) {
                words("setp." + name + "u.f32 %p, %a, %b;", true, (a, b) -> Float.isNaN(intBitsToFloat(a))
                        || Float.isNaN(intBitsToFloat(b)) || relation.holds(intBitsToFloat(a), intBitsToFloat(b)));
            }
        });
    }

    @Test
    void combinations() {
        String third = "setp.gt.s32 %q, %a, 5; ";
        words(third + "setp.lt.and.s32 %p, %a, %b, %q;", false, (a, b) -> a < b && a > 5);
        words(third + "setp.lt.or.s32 %p, %a, %b, %q;", false, (a, b) -> a < b || a > 5);
        words(third + "setp.lt.xor.s32 %p, %a, %b, !%q;", false, (a, b) -> a < b ^ !(a > 5));
        words("setp.lt.s32 %q|%p, %a, %b;", false, (a, b) -> !(a < b));
        words("setp.lt.s32 %p, %a, %b; setp.gt.s32 %q, %a, 5; and.pred %p, %p, %q;", false, (a, b) -> a < b && a > 5);
        words("setp.lt.s32 %p, %a, %b; setp.gt.s32 %q, %a, 5; or.pred %p, %p, %q; not.pred %p, %p;", false,
                (a, b) -> !(a < b || a > 5));
        words("setp.lt.s32 %p, %a, %b; setp.gt.s32 %q, %a, 5; xor.pred %p, %p, %q;", false, (a, b) -> a < b ^ a > 5);
        words("setp.lt.s32 %p, %a, 0; mov.pred %q, %p; mov.pred %p, %q;", false, (a, _) -> a < 0);
    }

    @Test
    void selections() {
        words("setp.lt.s32 %p, %a, %b; selp.s32 %t3, %a, %b, %p; setp.eq.s32 %p, %t3, %a;", false,
                (a, b) -> Math.min(a, b) == a);
        words("slct.s32.s32 %t3, %a, 7, %b; setp.eq.s32 %p, %t3, %a;", false, (a, b) -> b >= 0 || a == 7);
        words("cvt.s64.s32 %lt0, %a; setp.lt.s32 %p, %a, %b; selp.b64 %lt1, %lt0, 3, %p; setp.eq.s64 %p, %lt1, 3;",
                false,
                (a, b) -> a >= b || a == 3);
        words("set.lt.u32.s32 %t3, %a, %b; setp.eq.s32 %p, %t3, -1;", false, (a, b) -> a < b);
        words("set.gt.f32.f32 %t3, %a, %b; setp.eq.f32 %p, %t3, 0f3F800000;", true,
                (a, b) -> intBitsToFloat(a) > intBitsToFloat(b));
    }

    @Test
    void guards() {
        words("setp.lt.s32 %q, %a, %b; mov.u32 %t3, 0; @%q mov.u32 %t3, 1; @!%q mov.u32 %t3, 2; setp.eq.s32 %p, %t3, 1;", false,
                (a, b) -> a < b);
        words("testp.finite.f32 %p, %a;", true, (a, _) -> Float.isFinite(intBitsToFloat(a)));
        words("testp.notanumber.f32 %p, %a;", true, (a, _) -> Float.isNaN(intBitsToFloat(a)));
        words("testp.subnormal.f32 %p, %a;", true, (a, _) -> intBitsToFloat(a) != 0
                && Math.abs(intBitsToFloat(a)) < Float.MIN_NORMAL);
    }
}
