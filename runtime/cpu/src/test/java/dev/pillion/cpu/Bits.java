package dev.pillion.cpu;

import static org.assertj.core.api.Assertions.assertThat;

/** Comparison of results that must be the same, not merely close. */
final class Bits {
    private Bits() {}

    static void assertSame(String what, float[] actual, float[] expected) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            int have = Float.floatToRawIntBits(actual[i]);
            int want = Float.floatToRawIntBits(expected[i]);
            if (have != want) {
                assertThat(have).as("%s: element %d is %s, not %s", what, i, actual[i], expected[i]).isEqualTo(want);
            }
        }
    }
}
