package dev.pillion.model.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.model.Mutator;
import dev.pillion.model.ReaderFuzz;
import dev.pillion.model.SharedTestData;
import dev.pillion.model.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class SafetensorsFuzzTest {
    private static final int MUTATIONS = 50_000;

    private static final List<String> TOKENS = List.of(
            "{", "}", "[", "]", ",", ":", "\"", "null", "true", "0", "1", "-1", "4", "8", "16", "0.5", "1e3", "1e400",
            "2147483648", "4294967296", "4611686018427387904", "9223372036854775807", "9223372036854775808",
            "99999999999999999999999", "\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"F16\"", "\"BOOL\"",
            "\"__metadata__\":{},", "\\u0000", "\\ud800", "\u00fc", " ");

    @Test
    void damagedFilesAreReadOrRefused() throws IOException {
        List<Mutator.Seed> seeds = new ArrayList<>();
        for (int copies = 0; copies < 6; copies++) {
            seeds.add(seed(sample()));
        }
        seeds.add(real("data/models/goldens/llama_linear_rope/bf16/model.safetensors"));
        seeds.add(real("data/models/goldens/llama_untied/sharded/model-00003-of-00003.safetensors"));

        ReaderFuzz<SafetensorsShard> fuzz = new ReaderFuzz<>(seeds, TOKENS, SafetensorsFuzzTest::repair,
                bytes -> SafetensorsShard.read(ReaderFuzz.FILE, MemorySegment.ofArray(bytes).asReadOnly()),
                SafetensorsFuzzTest::use);
        ReaderFuzz.Outcome outcome = fuzz.run(MUTATIONS);
        assertThat(outcome.read()).as("read, of %s", outcome).isGreaterThan(MUTATIONS / 100);
        assertThat(outcome.refusals()).as("places that refuse, of %s", outcome).hasSizeGreaterThanOrEqualTo(15);
        assertThat(outcome.mostAllocatedBytes()).as("heap of one reading, of %s", outcome).isLessThan(8 << 20);
    }

    private static byte[] sample() {
        return new SafetensorsBuilder()
                .metadata("{\"format\":\"pt\",\"note\":\"h\u00e9llo\"}")
                .tensor("model.embed_tokens.weight", "F32", new byte[24], 2, 3)
                .tensor("model.norm.weight", "BF16", new byte[6], 3)
                .tensor("scalar", "F64", new byte[8])
                .tensor("none", "F16", new byte[0], 3, 0)
                .tensor("ids", "I64", new byte[16], 2, 1, 1)
                .build();
    }

    private static Mutator.Seed real(String relative) throws IOException {
        return seed(Files.readAllBytes(SharedTestData.path(relative)));
    }

    private static Mutator.Seed seed(byte[] bytes) {
        return new Mutator.Seed(bytes, 8 + (int) headerLength(bytes));
    }

    private static long headerLength(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    /** Half of the time, lets the header end at its last brace, so that damage to the JSON's length goes unnoticed. */
    private static UnaryOperator<byte[]> repair(SplittableRandom random) {
        return bytes -> {
            if (bytes.length > 8 && random.nextBoolean()) {
                int end = bytes.length;
                while (end > 8 && !(bytes[end - 1] == '}' && bytes[end - 2] == '}')) {
                    end--;
                }
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(end - 8L);
            }
            return bytes;
        };
    }

    private static Map<String, Tensor> use(SafetensorsShard shard) {
        shard.metadata().values().keySet().forEach(shard.metadata()::string);
        return shard.tensors();
    }
}
