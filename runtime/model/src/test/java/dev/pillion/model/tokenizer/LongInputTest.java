package dev.pillion.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.model.ProcessorTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Long inputs that are hard for naive implementations: quadratic merging or scanning would take minutes to hours,
 * recursion would overflow the stack. The limit of ten seconds of processor time tells these apart from slow and busy
 * machines; it does not measure speed.
 */
class LongInputTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @ParameterizedTest
    @ValueSource(strings = {"llama-spm", "llama-bpe"})
    void oneWordOfAMillionCharacters(String name) {
        Tokenizer tokenizer = TokenizerTestData.vocabulary(name);
        encodes(tokenizer, "a".repeat(1 << 20));
        encodes(tokenizer, randomLetters(1 << 20));
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-spm", "gpt-2", "llama-bpe", "deepseek-llm", "falcon"})
    void chosenText(String name) {
        Tokenizer tokenizer = TokenizerTestData.vocabulary(name);
        for (String text : chosenTexts(1 << 17)) {
            encodes(tokenizer, text);
        }
    }

    /** Each of n symbols is merged into another at most once, and the heap sees three entries per symbol at most. */
    @Test
    void mergesAreFewerThanSymbols() {
        Vocabulary vocabulary = TinyVocabulary.of("a", "aa", "aaaa", "aaaaaaaa");
        int[] priorities = {3, 2, 1, 0};
        Merger merger = new Merger(MergeTable.ofRanking(vocabulary, priorities, TinyVocabulary.FILE, "ranks"));
        merger.merge("a".repeat(100_000), 0, 100_000);
        assertThat(merger.merges()).isEqualTo(50_000 + 25_000 + 12_500);
    }

    private static void encodes(Tokenizer tokenizer, String text) {
        String start = TokenizerTestData.literal(text.substring(0, 20));
        int[] markup = withinLimit(() -> tokenizer.encode(text, EncodeOptions.TEMPLATE), start);
        assertThat(markup.length).as(start).isBetween(1, 4 * text.length() + 1);
        int[] plain = withinLimit(() -> tokenizer.encode(text, EncodeOptions.PLAIN), start);
        assertThat(tokenizer.decode(plain).equals(text)).as(start).isTrue();
    }

    private static int[] withinLimit(Supplier<int[]> encoding, String what) {
        ProcessorTime time = ProcessorTime.start();
        int[] ids = encoding.get();
        assertThat(time.used()).as(what).isLessThan(LIMIT);
        return ids;
    }

    private static List<String> chosenTexts(int length) {
        SplittableRandom random = new SplittableRandom(TokenizerTestData.seed());
        StringBuilder mixed = new StringBuilder();
        while (mixed.length() < length) {
            mixed.append(TokenizerTestData.randomText(random, 10).replace('\u2581', '_')
                    .replaceAll("[\u000B\u000C]", ""));
        }
        List<String> texts = new ArrayList<>(List.of(
                " ".repeat(length) + "a",
                "\n".repeat(length),
                " \n\t".repeat(length / 3) + "x",
                "1".repeat(length),
                "'".repeat(length),
                "\u4E2D".repeat(length),
                "\u0301".repeat(length),
                "\uD83D\uDE00".repeat(length / 2),
                "<|".repeat(length / 2),
                "<|begin_of_tex".repeat(length / 14)));
        texts.add(mixed.toString());
        return texts;
    }

    private static String randomLetters(int length) {
        SplittableRandom random = new SplittableRandom(TokenizerTestData.seed());
        StringBuilder letters = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            letters.append((char) random.nextInt('a', 'z' + 1));
        }
        return letters.toString();
    }
}
