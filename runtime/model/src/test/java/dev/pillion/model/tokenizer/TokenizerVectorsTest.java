package dev.pillion.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The 47 published cases per vocabulary: texts and the ids they have, without beginning or end of text. */
class TokenizerVectorsTest {
    private static final String SEPARATOR = "\n__ggml_vocab_test__\n";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama-spm", "llama-bpe", "qwen2", "gpt-2", "phi-3", "falcon", "deepseek-llm", "deepseek-coder", "starcoder",
                "refact", "mpt"
            })
    void encodesThePublishedCases(String name) throws IOException {
        Tokenizer tokenizer = TokenizerTestData.vocabulary(name);
        String stem = "data/tokenizers/llama.cpp-vocab/ggml-vocab-" + name + ".gguf";
        // Both files end with the terminator of their last case, so the 47th case is the empty text without ids.
        List<String> texts = List.of(Files.readString(TokenizerTestData.path(stem + ".inp")).split(SEPARATOR, -1));
        List<int[]> expected = Arrays.stream(Files.readString(TokenizerTestData.path(stem + ".out")).split("\n", -1))
                .map(TokenizerVectorsTest::ids)
                .toList();
        assertThat(texts).hasSize(47).hasSameSizeAs(expected);
        for (int i = 0; i < texts.size(); i++) {
            int[] ids = tokenizer.encode(texts.get(i), EncodeOptions.PLAIN);
            assertThat(ids).as("case %d: %s", i, TokenizerTestData.literal(texts.get(i))).containsExactly(expected.get(i));
            assertThat(tokenizer.decode(ids)).as("case %d decoded", i).isEqualTo(texts.get(i));
        }
    }

    private static int[] ids(String line) {
        return Arrays.stream(line.split(" ")).filter(word -> !word.isEmpty()).mapToInt(Integer::parseInt).toArray();
    }
}
