package dev.pillion.cuda;

import dev.pillion.model.TensorType;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * How a matrix of a type lies on the device. Kernels load 16 bytes at a time, so a block that is no multiple of 16 long is
 * split on upload: what is left without its scale goes to a main plane, the scales to a plane behind it.
 *
 * @param suffix part of kernels' names
 * @param blockElements elements of a block
 * @param blockBytes bytes of a block in the file
 * @param scaleOffset where the F16 scale lies in the block of the file; -1 if blocks stay whole
 */
record WeightLayout(String suffix, int blockElements, int blockBytes, int scaleOffset) {
    private static final int SCALE_BYTES = 2;

    private static final Map<TensorType, WeightLayout> LAYOUTS = new EnumMap<>(Map.of(
            TensorType.F32, new WeightLayout("f32", 1, 4, -1),
            TensorType.F16, new WeightLayout("f16", 1, 2, -1),
            TensorType.BF16, new WeightLayout("bf16", 1, 2, -1),
            TensorType.Q8_0, new WeightLayout("q8_0", 32, 34, 0),
            TensorType.Q4_0, new WeightLayout("q4_0", 32, 18, 0),
            TensorType.Q4_K, new WeightLayout("q4_k", 256, 144, -1),
            TensorType.Q5_K, new WeightLayout("q5_k", 256, 176, -1),
            TensorType.Q6_K, new WeightLayout("q6_k", 256, 210, 208)));

    /** Layout of a type that kernels read. */
    static Optional<WeightLayout> of(TensorType type) {
        return Optional.ofNullable(LAYOUTS.get(type));
    }

    /** The types kernels read, for people. */
    static String types() {
        return LAYOUTS.keySet().toString();
    }

    /** Whether scales lie apart. */
    boolean isSplit() {
        return scaleOffset >= 0;
    }

    /** Bytes of a block in the main plane. */
    int mainBlockBytes() {
        return isSplit() ? blockBytes - SCALE_BYTES : blockBytes;
    }

    /** Bytes of the main plane. */
    long mainBytes(long blocks) {
        return blocks * mainBlockBytes();
    }

    /** Bytes of the plane of scales. */
    long scaleBytes(long blocks) {
        return isSplit() ? blocks * SCALE_BYTES : 0;
    }
}
