package dev.pillion.model.quant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.model.TensorType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Blocks and the floats they stand for, from the shared test data. */
final class QuantVectors {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private QuantVectors() {}

    static MemorySegment blocks(TensorType type) throws IOException {
        return read(type + ".blocks.bin");
    }

    static float[] expected(TensorType type) throws IOException {
        return read(type + ".expected.f32.bin").toArray(FLOAT);
    }

    static float[] quantiseInput() throws IOException {
        return read("quantise-input.f32.bin").toArray(FLOAT);
    }

    static MemorySegment quantised(TensorType type) throws IOException {
        return read("quantised." + type + ".bin");
    }

    private static MemorySegment read(String name) throws IOException {
        Path folder = Path.of(System.getProperty("pillion.test.data", "absent"), "data", "quant-vectors");
        if (!Files.isDirectory(folder)) {
            assertThat(System.getenv("CI")).as("CI must have the test data, not found at " + folder)
                    .isNotEqualTo("true");
            Assumptions.abort("no quantisation vectors at " + folder + " (system property pillion.test.data)");
        }
        return MemorySegment.ofArray(Files.readAllBytes(folder.resolve(name)));
    }
}
