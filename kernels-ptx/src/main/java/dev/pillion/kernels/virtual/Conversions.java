package dev.pillion.kernels.virtual;

import static dev.pillion.kernels.virtual.Lanes.COUNT;
import static java.lang.Float.floatToRawIntBits;
import static java.lang.Float.intBitsToFloat;

/** Conversions that kernels are full of, as loops of their own. */
final class Conversions {
    private Conversions() {}

    static void signedToFloat(int[] d, int[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = floatToRawIntBits((float) a[i]);
        }
    }

    static void unsignedToFloat(int[] d, int[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = floatToRawIntBits((float) (a[i] & 0xffff_ffffL));
        }
    }

    static void shortToFloat(int[] d, int[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = floatToRawIntBits((float) (short) a[i]);
        }
    }

    static void unsignedShortToFloat(int[] d, int[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = floatToRawIntBits((float) (a[i] & 0xffff));
        }
    }

    static void signedByteToFloat(int[] d, int[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = floatToRawIntBits((float) (byte) a[i]);
        }
    }

    static void unsignedByteToFloat(int[] d, int[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = floatToRawIntBits((float) (a[i] & 255));
        }
    }

    static void halfToFloat(int[] d, int[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = floatToRawIntBits(Float.float16ToFloat((short) a[i]));
        }
    }

    static void brainToFloat(int[] d, int[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = a[i] << 16;
        }
    }

    static void floatToHalf(int[] d, int[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = Rounded.halfOf(intBitsToFloat(a[i]));
        }
    }

    static void floatToBrain(int[] d, int[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = Rounded.brainOf(intBitsToFloat(a[i]));
        }
    }

    /** The first source becomes the upper half. */
    static void floatsToHalves(int[] d, int[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = Rounded.halfOf(intBitsToFloat(a[i])) << 16 | Rounded.halfOf(intBitsToFloat(b[i]));
        }
    }

    /** The first source becomes the upper half. */
    static void floatsToBrains(int[] d, int[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = Rounded.brainOf(intBitsToFloat(a[i])) << 16 | Rounded.brainOf(intBitsToFloat(b[i]));
        }
    }

    static void toByte(int[] d, int[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = (byte) a[i];
        }
    }

    static void toUnsignedByte(int[] d, int[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = a[i] & 255;
        }
    }

    static void toShort(int[] d, int[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = (short) a[i];
        }
    }

    static void toUnsignedShort(int[] d, int[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = a[i] & 0xffff;
        }
    }
}
