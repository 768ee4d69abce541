package dev.pillion.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.model.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Published texts and the ids they have, for every format a vocabulary comes in. */
class TokenizerVectorsTest {
    private static final String SEPARATOR = "\n__ggml_vocab_test__\n";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama-spm", "llama-bpe", "qwen2", "gpt-2", "phi-3", "falcon", "deepseek-llm", "deepseek-coder",
                "starcoder",
                "refact", "mpt"
            })
    void gguf(String name) throws IOException {
        encodesThePublishedCases(TokenizerTestData.vocabulary(name), name);
    }

    @Test
    void tokenizerJsonOfPhi3() throws IOException {
        encodesThePublishedCases(Tokenizers.fromHuggingFace(TokenizerTestData.path("data/tokenizers/phi3")), "phi-3");
    }

    @Test
    void vocabAndMergesOfQwen2() throws IOException {
        encodesThePublishedCases(Tokenizers.fromHuggingFace(TokenizerTestData.path("data/tokenizers/qwen2.5")),
                "qwen2");
    }

    @Test
    void vocabAndMergesOfGpt2() throws IOException {
        encodesThePublishedCases(gpt2(), "gpt-2");
    }

    @Test
    void vocabAndMergesInAFolderWithoutConfig() throws IOException {
        Path source = TokenizerTestData.path("data/tokenizers/gpt2");
        Files.copy(source.resolve("gpt2_vocab.json"), folder.resolve("vocab.json"));
        Files.copy(source.resolve("gpt2_merges.txt"), folder.resolve("merges.txt"));
        encodesThePublishedCases(Tokenizers.fromHuggingFace(folder), "gpt-2");
    }

    @Test
    void tiktokenFileOfLlama3() throws IOException {
        Path file = TokenizerTestData.path("data/tokenizers/llama3/tokenizer.model");
        Map<String, Integer> special =
                Map.of("<|begin_of_text|>", 128_000, "<|end_of_text|>", 128_001, "<|eot_id|>", 128_009);
        Tokenizer tokenizer = Tokenizers.fromTiktoken(file, "llama-bpe", special);
        encodesThePublishedCases(tokenizer, "llama-bpe");
        assertThat(tokenizer.encode("Hello<|eot_id|>", new EncodeOptions(true, true)))
                .containsExactly(128_000, 9906, 128_009);
        assertThat(tokenizer.endOfGenerationIds()).containsExactly(128_001, 128_009);
    }

    @ParameterizedTest
    @CsvSource({"cl100k_base", "r50k_base"})
    void tiktokenEncodings(String encoding) throws IOException {
        Tokenizer tokenizer = encoding.equals("r50k_base")
                ? gpt2()
                : Tokenizers.fromTiktoken(
                        TokenizerTestData.path("data/tokenizers/tiktoken/cl100k_base.tiktoken"), "dbrx",
                        Map.of("<|endoftext|>", 100_257));
        Path csv = TokenizerTestData.path("data/tokenizers/tiktoken/jtokkit-tests/" + encoding + "_encodings.csv");
        List<List<String>> rows = csv(Files.readString(csv));
        assertThat(rows).hasSizeGreaterThan(100);
        for (List<String> row : rows.subList(1, rows.size())) {
            int[] expected = ids(row.get(1).replaceAll("[\\[\\],]", " "));
            assertThat(tokenizer.encode(row.get(0), EncodeOptions.PLAIN))
                    .as(TokenizerTestData.literal(row.get(0)))
                    .containsExactly(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tokenizer", "gpt2/model.f32.gguf"})
    void promptsOfTheGoldenModels(String source) {
        Path goldens = TokenizerTestData.path("data/models/goldens");
        Tokenizer tokenizer = source.endsWith(".gguf")
                ? TokenizerTestData.gguf("data/models/goldens/" + source)
                : Tokenizers.fromHuggingFace(goldens.resolve(source));
        List<?> prompts = (List<?>) Json.parse(goldens.resolve("prompts.json"));
        assertThat(prompts).hasSize(4);
        for (Object prompt : prompts) {
            Map<String, ?> fields = Json.object((Map<?, ?>) prompt);
            String text = (String) fields.get("text");
            int[] ids = ((List<?>) fields.get("ids")).stream().mapToInt(id -> ((Long) id).intValue()).toArray();
            assertThat(tokenizer.encode(text, EncodeOptions.PROMPT)).as(text).containsExactly(ids);
            assertThat(tokenizer.decode(ids)).isEqualTo(text);
        }
        assertThat(tokenizer.endOfGenerationIds()).containsExactly(0, 4);
        assertThat(tokenizer.addsBeginningOfText()).isFalse();
    }

    @Test
    void promptsOfTheDemoModel() {
        Tokenizer tokenizer = TokenizerTestData.gguf("demo-model/demo.gguf");
        Map<String, ?> golden = Json.parseObject(TokenizerTestData.path("demo-model/golden.json"));
        List<?> cases = (List<?>) golden.get("cases");
        assertThat(cases).hasSize(30);
        for (Object element : cases) {
            Map<String, ?> fields = Json.object((Map<?, ?>) element);
            String prompt = (String) fields.get("prompt");
            assertThat(tokenizer.encode(prompt, new EncodeOptions(true, true))).as(prompt)
                    .containsExactly(longs(fields.get("prompt_ids")));
            assertThat(tokenizer.decode(longs(fields.get("output_ids")), SpecialText.SHOW)).as(prompt)
                    .isEqualTo(fields.get("output"));
        }
        assertThat(tokenizer.beginningOfText()).hasValue(0);
        assertThat(tokenizer.endOfText()).hasValue(1);
        assertThat(tokenizer.endOfTurn()).hasValue(4);
        assertThat(tokenizer.endOfGenerationIds()).containsExactly(1, 4);
    }

    @Test
    void textOfTheStoriesModel() {
        Tokenizer tokenizer = TokenizerTestData.gguf("data/models/stories260K/gguf/stories260K-F32.gguf");
        String text = (String) Json.parseObject(TokenizerTestData.path("data/models/stories260K/golden-text.json"))
                .get("text");
        int[] ids = tokenizer.encode(text, EncodeOptions.PROMPT);
        assertThat(ids).hasSizeBetween(190, 210).startsWith(1, 403, 407);
        assertThat(tokenizer.decode(ids)).isEqualTo(text);
    }

    private static void encodesThePublishedCases(Tokenizer tokenizer, String name) throws IOException {
        String stem = "data/tokenizers/llama.cpp-vocab/ggml-vocab-" + name + ".gguf";
        // Both files end with the terminator of their last case, so the 47th case is the empty text without ids.
        List<String> texts = List.of(Files.readString(TokenizerTestData.path(stem + ".inp")).split(SEPARATOR, -1));
        List<int[]> expected = Arrays.stream(Files.readString(TokenizerTestData.path(stem + ".out")).split("\n", -1))
                .map(TokenizerVectorsTest::ids)
                .toList();
        assertThat(texts).hasSize(47).hasSameSizeAs(expected);
        for (int i = 0; i < texts.size(); i++) {
            int[] ids = tokenizer.encode(texts.get(i), EncodeOptions.PLAIN);
            assertThat(ids).as("case %d: %s", i, TokenizerTestData.literal(texts.get(i)))
                    .containsExactly(expected.get(i));
            assertThat(tokenizer.decode(ids)).as("case %d decoded", i).isEqualTo(texts.get(i));
        }
    }

    private static Tokenizer gpt2() {
        Path gpt2 = TokenizerTestData.path("data/tokenizers/gpt2");
        return Tokenizers.fromVocabAndMerges(gpt2.resolve("gpt2_vocab.json"), gpt2.resolve("gpt2_merges.txt"), "gpt-2");
    }

    private static int[] ids(String line) {
        return Arrays.stream(line.split(" ")).filter(word -> !word.isEmpty()).mapToInt(Integer::parseInt).toArray();
    }

    private static int[] longs(Object list) {
        return ((List<?>) list).stream().mapToInt(id -> ((Long) id).intValue()).toArray();
    }

    /** Rows of comma-separated values; a quoted value may hold commas, line ends and doubled quotes. */
    private static List<List<String>> csv(String content) {
        List<List<String>> rows = new ArrayList<>();
        List<String> row = new ArrayList<>();
        StringBuilder value = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < content.length(); i++) {
            char c = content.charAt(i);
            if (quoted && c == '"' && i + 1 < content.length() && content.charAt(i + 1) == '"') {
                value.append(c);
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (!quoted && (c == ',' || c == '\n')) {
                row.add(value.toString());
                value.setLength(0);
                if (c == '\n') {
                    rows.add(row);
                    row = new ArrayList<>();
                }
            } else if (quoted || c != '\r') {
                value.append(c);
            }
        }
        return rows;
    }
}
