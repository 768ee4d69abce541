package dev.pillion.model.quant;

import dev.pillion.model.TensorType;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The decoder of each tensor type.
 *
 * <p>Not here: the codebook types (IQ1, IQ2, IQ3), whose tables follow no rule that could be written down, and the
 * types that only hold activations inside other runtimes (Q8_1, Q8_K), integers and F64, which no weight uses.
 */
public final class Dequantizer {
    private static final Map<TensorType, BlockDecoder> DECODERS = new EnumMap<>(Map.ofEntries(
            Map.entry(TensorType.F32, PlainNumbers::decodeF32),
            Map.entry(TensorType.F16, PlainNumbers::decodeF16),
            Map.entry(TensorType.BF16, PlainNumbers::decodeBf16),
            Map.entry(TensorType.Q4_0, RoundBlocks::decodeQ40),
            Map.entry(TensorType.Q4_1, RoundBlocks::decodeQ41),
            Map.entry(TensorType.Q5_0, RoundBlocks::decodeQ50),
            Map.entry(TensorType.Q5_1, RoundBlocks::decodeQ51),
            Map.entry(TensorType.Q8_0, RoundBlocks::decodeQ80),
            Map.entry(TensorType.Q2_K, KBlocks::decodeQ2),
            Map.entry(TensorType.Q3_K, KBlocks::decodeQ3),
            Map.entry(TensorType.Q4_K, KBlocks::decodeQ4),
            Map.entry(TensorType.Q5_K, KBlocks::decodeQ5),
            Map.entry(TensorType.Q6_K, KBlocks::decodeQ6),
            Map.entry(TensorType.IQ4_NL, NonLinearBlocks::decodeIq4Nl),
            Map.entry(TensorType.IQ4_XS, NonLinearBlocks::decodeIq4Xs),
            Map.entry(TensorType.TQ1_0, TernaryBlocks::decodeTq1),
            Map.entry(TensorType.TQ2_0, TernaryBlocks::decodeTq2),
            Map.entry(TensorType.MXFP4, Fp4Blocks::decodeMxfp4),
            Map.entry(TensorType.NVFP4, Fp4Blocks::decodeNvfp4)));

    private Dequantizer() {}

    /** The types that can be decoded, in the order of {@link TensorType}. */
    public static Set<TensorType> types() {
        return Collections.unmodifiableSet(DECODERS.keySet());
    }

    /** The decoder of a type, or empty if it cannot be decoded. */
    public static Optional<BlockDecoder> find(TensorType type) {
        return Optional.ofNullable(DECODERS.get(type));
    }

    /**
     * The decoder of a type.
     *
     * @throws IllegalArgumentException if it cannot be decoded
     */
    public static BlockDecoder of(TensorType type) {
        return find(type).orElseThrow(() ->
                new IllegalArgumentException("no decoder for " + type + "; there are decoders for "
                        + DECODERS.keySet()));
    }
}
