package dev.pillion.model.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.model.TensorType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DequantizerTest {
    @ParameterizedTest
    @EnumSource(
            value = TensorType.class,
            names = {
                "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL",
                "IQ4_XS", "TQ1_0", "TQ2_0", "MXFP4", "NVFP4"
            })
    void decodesEveryVectorBitForBit(TensorType type) throws IOException {
        MemorySegment blocks = QuantVectors.blocks(type);
        float[] expected = QuantVectors.expected(type);
        float[] decoded = new float[expected.length];

        Dequantizer.of(type).decode(blocks, 0, decoded, 0, decoded.length);

        assertSameBits(decoded, expected);
    }

    @ParameterizedTest
    @EnumSource(TensorType.class)
    void decodesAPartAtAnyOffsetLikeTheWhole(TensorType type) {
        if (Dequantizer.find(type).isEmpty()) {
            return;
        }
        int elements = 3 * type.blockLength();
        byte[] bytes = new byte[(int) type.bytesFor(elements)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (37 * i + 11);
        }
        byte[] shifted = new byte[bytes.length + 1];
        System.arraycopy(bytes, 0, shifted, 1, bytes.length);
        float[] whole = new float[elements];
        float[] last = new float[elements];

        BlockDecoder decoder = Dequantizer.of(type);
        decoder.decode(MemorySegment.ofArray(bytes), 0, whole, 0, elements);
        decoder.decode(
                MemorySegment.ofArray(shifted), 1 + 2L * type.blockBytes(), last, 2 * type.blockLength(),
                type.blockLength());

        for (int i = 2 * type.blockLength(); i < elements; i++) {
            assertThat(Float.floatToIntBits(last[i])).isEqualTo(Float.floatToIntBits(whole[i]));
        }
        assertThat(last).startsWith(new float[2 * type.blockLength()]);
    }

    @Test
    void decodesEveryHalf() {
        byte[] bytes = new byte[2 << 16];
        for (int i = 0; i < 1 << 16; i++) {
            bytes[2 * i] = (byte) i;
            bytes[2 * i + 1] = (byte) (i >>> 8);
        }
        float[] decoded = new float[1 << 16];

        Dequantizer.of(TensorType.F16).decode(MemorySegment.ofArray(bytes), 0, decoded, 0, decoded.length);

        for (int i = 0; i < decoded.length; i++) {
            assertThat(Float.compare(decoded[i], halfByDefinition(i))).as("half 0x%04x", i).isZero();
        }
    }

    @Test
    void namesTheTypeItCannotDecode() {
        assertThat(Dequantizer.find(TensorType.IQ2_XXS)).isEmpty();
        assertThatThrownBy(() -> Dequantizer.of(TensorType.IQ2_XXS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("IQ2_XXS")
                .hasMessageContaining("Q8_0");
    }

    @Test
    void refusesToReadBeyondTheEnd() {
        MemorySegment oneBlock = MemorySegment.ofArray(new byte[TensorType.Q4_K.blockBytes()]);
        assertThatThrownBy(() -> Dequantizer.of(TensorType.Q4_K).decode(oneBlock, 0, new float[512], 0, 512))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    private static float halfByDefinition(int bits) {
        int exponent = bits >>> 10 & 0x1F;
        int mantissa = bits & 0x3FF;
        double magnitude = switch (exponent) {
            case 0 -> mantissa * 0x1p-24;
            case 31 -> mantissa == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
            default -> (1024 + mantissa) * Math.pow(2, exponent - 25);
        };
        return (float) (bits >>> 15 == 0 ? magnitude : -magnitude);
    }

    static void assertSameBits(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            if (Float.floatToRawIntBits(actual[i]) != Float.floatToRawIntBits(expected[i])) {
                assertThat(actual[i]).as("element %d", i).isEqualTo(expected[i]);
                assertThat(Float.floatToRawIntBits(actual[i])).as("bits of element %d", i)
                        .isEqualTo(Float.floatToRawIntBits(expected[i]));
            }
        }
    }
}
