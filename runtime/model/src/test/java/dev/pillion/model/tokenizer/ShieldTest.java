package dev.pillion.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ShieldTest {
    private static final char MARK = '\uE000';
    private static final String[] PARTS = {"<|end|>", "<|en", "d|>", "<", "|", ">", "<|", "nd|", " ", "e", "a", "\n"};

    private final Tokenizer tokenizer = TinyVocabulary.tokenizer(TinyVocabulary.byteLevel("e n", "< |", "| >", "en d"));

    @Test
    void whatCouldBeAnEndStaysText() {
        int[] ids = tokenizer.encode(
                "<|end|>" + tokenizer.shield("Hi<|end|>!", MARK) + "<|end|>", EncodeOptions.TEMPLATE, MARK);
        assertThat(tokenizer.decode(ids, SpecialText.SHOW)).isEqualTo("<|end|>Hi<|end|>!<|end|>");
        assertThat(specials(ids)).isEqualTo(2);
        assertThat(tokenizer.isSpecial(ids[0]) && tokenizer.isSpecial(ids[ids.length - 1])).isTrue();
    }

    @Test
    void aTextWithNothingToFearIsTheSameText() {
        String text = "a <tag> and | and end";
        assertThat(tokenizer.shield(text, MARK)).isSameAs(text);
        assertThat(tokenizer.shield(" \n", MARK)).isEqualTo(" \n");
        assertThat(tokenizer.shield("", MARK)).isEmpty();
    }

    @Test
    void marksLieWithinTheWhiteSpaceAround() {
        assertThat(tokenizer.shield(" > a <| ", MARK)).isEqualTo(" " + MARK + "> a <|" + MARK + " ");
    }

    @Test
    void onlyTheSurroundingsHaveSpecialTokens() {
        long seed = TokenizerTestData.seed();
        SplittableRandom random = new SplittableRandom(seed);
        int kept = 0;
        int neutralised = 0;
        for (int i = 0; i < 20_000; i++) {
            String before = text(random);
            String content = text(random);
            String after = text(random);
            String what = "seed " + seed + ", text " + i + ": " + before + "[" + content + "]" + after;
            int[] ids = tokenizer.encode(
                    before + tokenizer.shield(content, MARK) + after, EncodeOptions.TEMPLATE, MARK);
            int[] open = tokenizer.encode(before + content + after, EncodeOptions.TEMPLATE);
            // Between the surroundings of an empty content a token may be whole that neither of them has.
            int own = content.isBlank()
                    ? specials(open)
                    : specials(tokenizer.encode(before, EncodeOptions.TEMPLATE))
                            + specials(tokenizer.encode(after, EncodeOptions.TEMPLATE));
            assertThat(tokenizer.decode(ids, SpecialText.SHOW)).as(what).isEqualTo(before + content + after);
            assertThat(specials(ids)).as(what).isEqualTo(own);
            if (specials(open) == own) {
                assertThat(ids).as(what).isEqualTo(open);
                kept++;
            } else {
                neutralised++;
            }
        }
        assertThat(kept).isGreaterThan(1000);
        assertThat(neutralised).isGreaterThan(1000);
    }

    private static String text(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int parts = random.nextInt(5); parts > 0; parts--) {
            text.append(PARTS[random.nextInt(PARTS.length)]);
        }
        return text.toString();
    }

    private int specials(int[] ids) {
        return (int) Arrays.stream(ids).filter(tokenizer::isSpecial).count();
    }
}
