package dev.pillion.conformance.tokenizer;

import java.util.SplittableRandom;

/** Random text of many scripts. Code points are old enough for both sides to agree on their class. */
final class RandomText {
    private static final int[][] RANGES = {
        {0x20, 0x7E}, {0x20, 0x7E}, {0x20, 0x7E}, {'a', 'z'}, {'A', 'Z'}, {'0', '9'}, {0x09, 0x0D}, {0x01, 0x1F},
        {0x80, 0xFF},
        {0x100, 0x17F}, {0x300, 0x36F}, {0x391, 0x3C9}, {0x410, 0x44F}, {0x531, 0x556}, {0x5D0, 0x5EA}, {0x621, 0x64A},
        {0x905, 0x939},
        {0x93E, 0x94D}, {0xE01, 0xE3A}, {0x10A0, 0x10C5}, {0x1780, 0x17B3}, {0x2000, 0x2064}, {0x2070, 0x2071},
        {0x2150, 0x215E},
        {0x2160, 0x2188}, {0x2190, 0x21FF}, {0x3000, 0x3029}, {0x3041, 0x3096}, {0x30A1, 0x30FF}, {0x4E00, 0x9FA5},
        {0xAC00, 0xD7A3},
        {0xFB00, 0xFB06}, {0xFF01, 0xFF5E}, {0x10400, 0x1044F}, {0x1D400, 0x1D454}, {0x1F300, 0x1F5FF},
        {0x20000, 0x2A6D6},
    };

    private static final String[] SNIPPETS = {
        " ", "  ", "   ", "\n", "\r\n", "\n\n", "\t", " \n ", " \r", "'s", "'S", "'LL", "'ve", "'re", "'d", "'\u017F",
        "I've",
        "the", " The", " world", "ing", "\u00A0", "\u3000", "\u0085", "...", "!?", "://", "</s>", "<s>",
        "<|endoftext|>", "<|im_end|>",
        "<|end|>", " <|end|> ", "<0x0A>", "\u2581", "3.14", "2024", "\u0E17\u0E35\u0E48", "\uD83D\uDE00", "e\u0301",
        "A\u030A",
        "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67", "\u6211\u60F3", "\u65E5\u672C\u8A9E", "\uC548\uB155", "()",
        "{}", "\\n", "_",
        "aB", "CamelCase", "HTTPServer", "1\u00BD2", "\u00B2\u00B3", "$", "+", "`", "~", "^",
    };

    private RandomText() {}

    static String next(SplittableRandom random, int parts) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < parts; i++) {
            if (random.nextInt(3) == 0) {
                text.append(SNIPPETS[random.nextInt(SNIPPETS.length)]);
                continue;
            }
            int[] range = RANGES[random.nextInt(RANGES.length)];
            for (int repeat = random.nextInt(4) == 0 ? random.nextInt(1, 6) : 1; repeat > 0; repeat--) {
                text.appendCodePoint(random.nextInt(range[0], range[1] + 1));
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
