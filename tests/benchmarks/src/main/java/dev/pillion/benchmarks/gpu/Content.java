package dev.pillion.benchmarks.gpu;

import dev.pillion.kernels.LinearWeight;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/**
 * What lies in memory that kernels read: random numbers of ordinary size. Zeros would be faster than real data is, since
 * a device that switches fewer bits may clock higher, and random bits would be infinities.
 *
 * @param name tells contents apart
 * @param unitBytes bytes of the smallest piece that makes sense alone
 * @param filler writes one unit
 */
record Content(String name, int unitBytes, Filler filler) {
    /** F32 numbers. */
    static final Content F32 = new Content("f32", 4, (target, at, random) ->
            target.set(ValueLayout.JAVA_FLOAT, at, (float) random.nextGaussian()));
    /** F32 logits, as far apart as those of a model. */
    static final Content LOGITS = new Content("logits", 4, (target, at, random) ->
            target.set(ValueLayout.JAVA_FLOAT, at, (float) (3 * random.nextGaussian())));

    private static final Content F16 = new Content("f16", 2, (target, at, random) ->
            target.set(ValueLayout.JAVA_SHORT, at, Float.floatToFloat16((float) random.nextGaussian())));
    private static final Content BF16 = new Content("bf16", 2, (target, at, random) ->
            target.set(ValueLayout.JAVA_SHORT, at, (short) (Float.floatToIntBits((float) random.nextGaussian()) >>> 16)));

    /** A plane of scales. */
    static final Content SCALES = new Content("scales", 2, Content::putScale);

    /** Writes one unit at an offset. */
    interface Filler {
        void fill(MemorySegment target, long at, SplittableRandom random);
    }

    /** Activations of a compute type. */
    static Content activations(String compute) {
        return switch (compute) {
            case "f16" -> F16;
            case "bf16" -> BF16;
            default -> F32;
        };
    }

    /** The main plane of a weight type. */
    static Content main(LinearWeight weight) {
        int scaleBytes = Math.toIntExact(weight.scaleBytes(1, weight.blockElements()));
        int bytes = Math.toIntExact(weight.bytes(1, weight.blockElements())) - scaleBytes;
        return switch (weight) {
            case F32, F16, BF16 -> activations(weight.suffix());
            case Q8_0, Q4_0, Q6_K -> blocks(weight.suffix(), bytes);
            // The halves d and dmin lead the block.
            case Q4_K, Q5_K -> blocks(weight.suffix(), bytes, 0, 2);
        };
    }

    /** Blocks as they lie in a file, for the types whose scales are taken out of them. */
    static Content packed(LinearWeight weight, int scaleOffset) {
        int bytes = Math.toIntExact(weight.bytes(1, weight.blockElements()));
        return blocks("packed " + weight.suffix(), bytes, scaleOffset);
    }

    private static Content blocks(String name, int bytes, int... scalesAt) {
        return new Content(name, bytes, (target, at, random) -> {
            for (int i = 0; i < bytes; i += 2) {
                target.set(ValueLayout.JAVA_SHORT, at + i, (short) random.nextInt());
            }
            for (int scale : scalesAt) {
                putScale(target, at + scale, random);
            }
        });
    }

    private static void putScale(MemorySegment target, long at, SplittableRandom random) {
        target.set(ValueLayout.JAVA_SHORT, at, Float.floatToFloat16((float) (0.01 + 0.01 * random.nextDouble())));
    }

    /** Fills memory with whole units; bytes past the last whole unit are left alone. */
    void fill(MemorySegment target, SplittableRandom random) {
        for (long at = 0; at + unitBytes <= target.byteSize(); at += unitBytes) {
            filler.fill(target, at, random);
        }
    }
}
