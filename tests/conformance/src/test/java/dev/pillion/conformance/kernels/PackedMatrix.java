package dev.pillion.conformance.kernels;

import dev.pillion.model.TensorType;
import dev.pillion.model.quant.Dequantizer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** A random weight as it lies in a GGUF file, as it lies on the device, and decoded. */
final class PackedMatrix {
    /** The types that kernels read. */
    static final List<TensorType> TYPES = List.of(TensorType.F32, TensorType.F16, TensorType.BF16, TensorType.Q8_0,
            TensorType.Q4_0, TensorType.Q4_K, TensorType.Q5_K, TensorType.Q6_K);

    final TensorType type;
    final int rows;
    final int columns;
    final MemorySegment raw;
    /** The decoded values, {@code [rows][columns]}. */
    final float[] values;

    PackedMatrix(TensorType type, int rows, int columns, SplittableRandom random) {
        this.type = type;
        this.rows = rows;
        this.columns = columns;
        raw = randomBlocks(type, rows * columns, random);
        values = new float[rows * columns];
        Dequantizer.of(type).decode(raw, 0, values, 0, values.length);
    }

    /** A number of columns that the type's rows may have. */
    static int columns(TensorType type, SplittableRandom random) {
        int block = type.blockLength();
        return block == 1 ? Cases.columns(random) : block * (1 + random.nextInt(2048 / block));
    }

    /** The type's name in entries. */
    String suffix() {
        return type.name().toLowerCase(Locale.ROOT);
    }

    int blocks() {
        return rows * columns / type.blockLength();
    }

    /** Whether the scales have a plane of their own on the device. */
    boolean isSplit() {
        return type == TensorType.Q8_0 || type == TensorType.Q4_0 || type == TensorType.Q6_K;
    }

    /** Where a block's scale begins. */
    int scaleOffset() {
        return type == TensorType.Q6_K ? 208 : 0;
    }

    /** Bytes of a block without its scale. */
    int mainBytes() {
        return type.blockBytes() - (isSplit() ? 2 : 0);
    }

    /** The main plane. */
    MemorySegment main() {
        MemorySegment plane = Arena.ofAuto().allocate((long) blocks() * mainBytes(), 16);
        int from = isSplit() && scaleOffset() == 0 ? 2 : 0;
        for (int block = 0; block < blocks(); block++) {
            MemorySegment.copy(raw, (long) block * type.blockBytes() + from, plane, (long) block * mainBytes(), mainBytes());
        }
        return plane;
    }

    /** The plane of scales, one half per block. */
    MemorySegment scales() {
        MemorySegment plane = Arena.ofAuto().allocate(2L * blocks(), 16);
        for (int block = 0; block < blocks(); block++) {
            short scale = raw.get(ValueLayout.JAVA_SHORT_UNALIGNED, (long) block * type.blockBytes() + scaleOffset());
            plane.setAtIndex(ValueLayout.JAVA_SHORT, block, scale);
        }
        return plane;
    }

    private static MemorySegment randomBlocks(TensorType type, int elements, SplittableRandom random) {
        byte[] content = new byte[(int) type.bytesFor(elements)];
        random.nextBytes(content);
        MemorySegment data = Arena.ofAuto().allocate(content.length, 16).copyFrom(MemorySegment.ofArray(content));
        for (long block = 0; block < content.length; block += type.blockBytes()) {
            switch (type) {
                case F32 -> data.set(ValueLayout.JAVA_FLOAT, block, (float) random.nextGaussian());
                case BF16 -> data.set(ValueLayout.JAVA_SHORT, block,
                        (short) (Float.floatToIntBits((float) random.nextGaussian()) >>> 16));
                case Q6_K -> putScale(data, block + 208, random);
                case Q4_K, Q5_K -> {
                    putScale(data, block, random);
                    putScale(data, block + 2, random);
                }
                default -> putScale(data, block, random);
            }
        }
        return data;
    }

    /** A half of an ordinary size, where random bits could be an infinity. */
    private static void putScale(MemorySegment data, long at, SplittableRandom random) {
        short half = Float.floatToFloat16((float) (random.nextGaussian() * 0.05));
        data.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, half);
    }
}
