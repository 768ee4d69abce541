package dev.pillion.cpu;

import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;

/** Random stored tensors of every type: random bytes, with scales of ordinary size. */
final class RandomTensors {
    private RandomTensors() {}

    static Tensor matrix(TensorType type, int rows, int columns, SplittableRandom random) {
        return new Tensor(type + "-matrix", type, List.of((long) rows, (long) columns),
                bytes(type, rows * columns, random));
    }

    static Tensor vector(int length, SplittableRandom random) {
        return new Tensor("vector", TensorType.F32, List.of((long) length), bytes(TensorType.F32, length, random));
    }

    static float[] floats(int count, SplittableRandom random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static MemorySegment bytes(TensorType type, int elements, SplittableRandom random) {
        byte[] content = new byte[(int) type.bytesFor(elements)];
        random.nextBytes(content);
        MemorySegment data = Arena.ofAuto().allocate(content.length, 64).copyFrom(MemorySegment.ofArray(content));
        int[] halves = switch (type) {
            case F16, Q4_0, Q5_0, Q8_0, IQ4_NL, IQ4_XS -> new int[] {0};
            case Q4_1, Q5_1, Q4_K, Q5_K -> new int[] {0, 2};
            case Q2_K -> new int[] {80, 82};
            case Q3_K -> new int[] {108};
            case Q6_K -> new int[] {208};
            case TQ1_0 -> new int[] {52};
            case TQ2_0 -> new int[] {64};
            default -> new int[0];
        };
        for (long block = 0; block < content.length; block += type.blockBytes()) {
            for (int at : halves) {
                float value = (float) (random.nextGaussian() * 0.05);
                data.set(ValueLayout.JAVA_SHORT_UNALIGNED, block + at, Float.floatToFloat16(value));
            }
            switch (type) {
                case F32 -> data.set(ValueLayout.JAVA_FLOAT, block, (float) random.nextGaussian());
                case BF16 -> data.set(ValueLayout.JAVA_SHORT, block,
                        (short) (Float.floatToIntBits((float) random.nextGaussian()) >>> 16));
                case MXFP4 -> data.set(ValueLayout.JAVA_BYTE, block, (byte) (120 + random.nextInt(8)));
                default -> { }
            }
        }
        return data;
    }
}
