package dev.pillion.model.tokenizer;

import dev.pillion.model.SharedTestData;
import dev.pillion.model.gguf.GgufFile;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

/** Real tokenizer files beside the checkout, and random text. */
final class TokenizerTestData {
    private static final int[][] RANGES = {
        {0x20, 0x7E}, {0x20, 0x7E}, {0x20, 0x7E}, {'a', 'z'}, {'0', '9'}, {0x09, 0x0D}, {0x80, 0xFF}, {0x100, 0x24F},
        {0x300, 0x36F}, {0x370, 0x3FF}, {0x400, 0x4FF}, {0x590, 0x5FF}, {0x600, 0x6FF}, {0x900, 0x97F}, {0xE00, 0xE7F},
        {0x10A0, 0x10FF}, {0x1780, 0x17FF}, {0x2000, 0x206F}, {0x2070, 0x20CF}, {0x2100, 0x214F}, {0x2580, 0x259F},
        {0x3000, 0x30FF}, {0x4E00, 0x9FFF}, {0xAC00, 0xD7A3}, {0xFB00, 0xFB06}, {0xFE00, 0xFE0F}, {0xFF00, 0xFFEF},
        {0x10400, 0x1044F}, {0x1D400, 0x1D7FF}, {0x1F300, 0x1F64F}, {0x20000, 0x2A6D6},
    };

    private static final String[] SNIPPETS = {
        " ", "  ", "\n", "\r\n", "\n\n", "\t", " \n ", "'s", "'LL", "'re", "I've", "\u2019t", "the", " The", " world",
        "ing",
        "\u00A0", "\u3000", "...", "!?", "://", "</s>", "<s>", "<|endoftext|>", "<|im_end|>", "<0x0A>", "\u2581",
        "3.14", "2024",
        "\u0E17\u0E35\u0E48", "\uD83D\uDE00", "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67",
        "\uD83C\uDDE9\uD83C\uDDEA", "e\u0301",
        "\u6211\u60F3", "\u65E5\u672C\u8A9E", "\uC548\uB155", "\u043F\u0440\u0438\u0432\u0435\u0442", "()", "{}",
        "\\n", "_", "-", "=", "\"",
    };

    private static final Map<Path, Tokenizer> TOKENIZERS = new ConcurrentHashMap<>();

    private TokenizerTestData() {}

    /** A file or folder of the shared test data. */
    static Path path(String relative) {
        return SharedTestData.path(relative);
    }

    /** The tokenizer of a GGUF file, read once for all tests. */
    static Tokenizer gguf(String relative) {
        return TOKENIZERS.computeIfAbsent(path(relative), path -> {
            try (GgufFile file = GgufFile.open(path)) {
                return Tokenizers.fromGguf(file.metadata());
            }
        });
    }

    /** A vocabulary by its short name, such as {@code gpt-2}. */
    static Tokenizer vocabulary(String name) {
        boolean rebuilt = name.equals("qwen2") || name.equals("llama-bpe");
        return gguf("data/tokenizers/" + (rebuilt ? "vocab-rebuilt" : "llama.cpp-vocab") + "/ggml-vocab-" + name
                + ".gguf");
    }

    /** The seed of random tests; print it with every failure. */
    static long seed() {
        return Long.getLong("pillion.test.seed", 20_260_301L);
    }

    /** Text of snippets and code points of many scripts, without unpaired surrogates. */
    static String randomText(SplittableRandom random, int parts) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < parts; i++) {
            if (random.nextInt(3) == 0) {
                text.append(SNIPPETS[random.nextInt(SNIPPETS.length)]);
                continue;
            }
            int[] range = RANGES[random.nextInt(RANGES.length)];
            int repeat = random.nextInt(4) == 0 ? random.nextInt(1, 6) : 1;
            int codePoint = random.nextInt(range[0], range[1] + 1);
            for (int j = 0; j < repeat; j++) {
                text.appendCodePoint(random.nextBoolean() ? codePoint : random.nextInt(range[0], range[1] + 1));
            }
        }
        return text.toString();
    }

    /** A string literal that shows every character beyond printable ASCII by number. */
    static String literal(String text) {
        StringBuilder out = new StringBuilder("\"");
        text.chars().forEach(c -> out.append(c >= ' ' && c < 0x7F ? String.valueOf((char) c)
                : String.format("\\u%04X", c)));
        return out.append('"').toString();
    }
}
