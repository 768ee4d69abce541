package dev.pillion.model.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.model.TensorType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QuantizerTest {
    private static final long SEED = Long.getLong("pillion.test.seed", 20261121L);

    @ParameterizedTest
    @EnumSource(value = TensorType.class, names = {"BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0"})
    void encodesEveryVectorBitForBit(TensorType type) throws IOException {
        float[] input = QuantVectors.quantiseInput();
        MemorySegment expected = QuantVectors.quantised(type);
        int elements = Math.toIntExact(expected.byteSize() / type.blockBytes() * type.blockLength());
        MemorySegment encoded = MemorySegment.ofArray(new byte[(int) type.bytesFor(elements)]);

        Quantizer.of(type).encode(input, 0, encoded, 0, elements);

        assertThat(elements).isEqualTo(input.length);
        assertThat(encoded.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(expected.toArray(ValueLayout.JAVA_BYTE));
    }

    @ParameterizedTest
    @EnumSource(
            value = TensorType.class,
            names = {"F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K"})
    void decodesToNearTheInput(TensorType type) {
        SplittableRandom random = new SplittableRandom(SEED);
        float[] input = new float[1024];
        for (int i = 0; i < input.length; i++) {
            input[i] = (float) random.nextGaussian();
        }
        MemorySegment encoded = MemorySegment.ofArray(new byte[(int) type.bytesFor(input.length)]);
        float[] decoded = new float[input.length];

        Quantizer.of(type).encode(input, 0, encoded, 0, input.length);
        Dequantizer.of(type).decode(encoded, 0, decoded, 0, decoded.length);

        double error = 0;
        double norm = 0;
        for (int i = 0; i < input.length; i++) {
            error += Math.pow(decoded[i] - input[i], 2);
            norm += Math.pow(input[i], 2);
        }
        // Rounding errors are uniform: a twelfth of a squared step; steps are some 5.5 sigma over the number of levels.
        double bound = switch (type) {
            case F32 -> 0;
            case F16, BF16 -> 0.003;
            case Q8_0 -> 0.01;
            case Q5_0, Q5_1 -> 0.06;
            default -> 0.12;
        };
        assertThat(Math.sqrt(error / norm)).as("seed %d", SEED).isLessThanOrEqualTo(bound);
    }

    @Test
    void encodesBlocksOfZeros() {
        for (TensorType type : Quantizer.types()) {
            MemorySegment encoded = MemorySegment.ofArray(new byte[(int) type.bytesFor(256)]);
            float[] decoded = new float[256];
            Quantizer.of(type).encode(new float[256], 0, encoded, 0, 256);
            Dequantizer.of(type).decode(encoded, 0, decoded, 0, 256);
            for (float value : decoded) {
                assertThat(value == 0).as("%s decodes to %s", type, value).isTrue();
            }
        }
    }

    @Test
    void namesTheTypeItCannotEncode() {
        assertThatThrownBy(() -> Quantizer.of(TensorType.Q6_K))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Q6_K");
    }
}
