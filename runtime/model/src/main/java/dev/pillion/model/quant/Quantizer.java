package dev.pillion.model.quant;

import dev.pillion.model.TensorType;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * The encoder of each tensor type that synthetic models are written in. All but Q4_K choose scales exactly as ggml's
 * reference quantisation does; Q4_K's is a plain one, valid but not ggml's search (see {@link KEncoder}).
 */
public final class Quantizer {
    private static final Map<TensorType, BlockEncoder> ENCODERS = new EnumMap<>(Map.of(
            TensorType.F32, PlainNumbers::encodeF32,
            TensorType.F16, PlainNumbers::encodeF16,
            TensorType.BF16, PlainNumbers::encodeBf16,
            TensorType.Q4_0, RoundEncoders::encodeQ40,
            TensorType.Q4_1, RoundEncoders::encodeQ41,
            TensorType.Q5_0, RoundEncoders::encodeQ50,
            TensorType.Q5_1, RoundEncoders::encodeQ51,
            TensorType.Q8_0, RoundEncoders::encodeQ80,
            TensorType.Q4_K, KEncoder::encodeQ4));

    private Quantizer() {}

    /** The types that can be encoded, in the order of {@link TensorType}. */
    public static Set<TensorType> types() {
        return Collections.unmodifiableSet(ENCODERS.keySet());
    }

    /**
     * The encoder of a type.
     *
     * @throws IllegalArgumentException if it cannot be encoded
     */
    public static BlockEncoder of(TensorType type) {
        BlockEncoder encoder = ENCODERS.get(type);
        if (encoder == null) {
            throw new IllegalArgumentException("no encoder for " + type + "; there are encoders for "
                    + ENCODERS.keySet());
        }
        return encoder;
    }
}
