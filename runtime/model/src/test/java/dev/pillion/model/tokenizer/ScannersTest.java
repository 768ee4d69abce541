package dev.pillion.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The hand-written scanners against the regular expressions they stand for. */
class ScannersTest {
    private static final long SEED = TokenizerTestData.seed();

    @Test
    void cutWhereTheExpressionsCut() {
        for (Map.Entry<String, Scanner> entry : Expressions.all().entrySet()) {
            Pattern pattern = pattern(entry.getKey());
            SplittableRandom random = new SplittableRandom(SEED);
            for (int i = 0; i < 1500; i++) {
                String text = TokenizerTestData.randomText(random, random.nextInt(1, 25));
                assertThat(apply(Split.at(entry.getValue()), text))
                        .as("seed %d text %d %s expression %s", SEED, i, TokenizerTestData.literal(text),
                        entry.getKey())
                        .isEqualTo(expected(List.of(pattern), text));
            }
        }
    }

    /** Short texts over the characters that the expressions tell apart, so that every neighbourhood occurs. */
    @Test
    void cutSmallAlphabetsWhereTheExpressionsCut() {
        String[] alphabet = {" ", "\n", "\r", "\t", "a", "A", "\u4E2D", "\u0301", "1", ".", "'", "s", "L", "/",
                "\u3000", "\u0001", "$"};
        for (Map.Entry<String, Scanner> entry : Expressions.all().entrySet()) {
            Pattern pattern = pattern(entry.getKey());
            SplittableRandom random = new SplittableRandom(SEED);
            for (int i = 0; i < 3000; i++) {
                StringBuilder text = new StringBuilder();
                for (int length = random.nextInt(1, 9); length > 0; length--) {
                    text.append(alphabet[random.nextInt(alphabet.length)]);
                }
                assertThat(apply(Split.at(entry.getValue()), text.toString()))
                        .as("seed %d text %d %s expression %s", SEED, i, TokenizerTestData.literal(text.toString()),
                        entry.getKey())
                        .isEqualTo(expected(List.of(pattern), text.toString()));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(PreTokenizerFamily.class)
    void chainsCutLikeChainsOfExpressions(PreTokenizerFamily family) {
        List<Pattern> patterns = family.expressions().stream().map(ScannersTest::pattern).toList();
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < 1000; i++) {
            String text = TokenizerTestData.randomText(random, random.nextInt(1, 25));
            List<String> bytes = apply(family.preTokenizer(), text);
            List<String> expected = expected(patterns, text);
            expected.replaceAll(piece -> ByteLevel.encode(piece.getBytes(StandardCharsets.UTF_8)));
            assertThat(bytes).as("seed %d text %d %s", SEED, i, TokenizerTestData.literal(text)).isEqualTo(expected);
        }
    }

    @Test
    void splitBehaviors() {
        Scanner dash = new LiteralScanner("-");
        assertThat(split(dash, Split.Behavior.ISOLATED, false, "the-final--countdown"))
                .containsExactly("the", "-", "final", "-", "-", "countdown");
        assertThat(split(dash, Split.Behavior.REMOVED, false, "the-final--countdown"))
                .containsExactly("the", "final", "countdown");
        assertThat(split(dash, Split.Behavior.REMOVED, true, "the-final--countdown")).containsExactly("-", "-", "-");
        assertThat(split(dash, Split.Behavior.CONTIGUOUS, false, "the-final--countdown"))
                .containsExactly("the", "-", "final", "--", "countdown");
        assertThat(split(dash, Split.Behavior.MERGED_WITH_PREVIOUS, false, "the-final--countdown"))
                .containsExactly("the-", "final-", "-", "countdown");
        assertThat(split(dash, Split.Behavior.MERGED_WITH_NEXT, false, "the-final--countdown"))
                .containsExactly("the", "-final", "-", "-countdown");
    }

    @Test
    void metaspacePrefixes() {
        assertThat(apply(new Metaspace('_', Metaspace.Prefix.ALWAYS, true), "Hey friend!  x"))
                .containsExactly("_Hey", "_friend!", "_", "_x");
        assertThat(apply(new Metaspace('_', Metaspace.Prefix.FIRST, false), "Hey friend!"))
                .containsExactly("_Hey_friend!");
        assertThat(apply(new Metaspace('_', Metaspace.Prefix.NEVER, false), "Hey friend!"))
                .containsExactly("Hey_friend!");
        assertThat(apply(new Metaspace('_', Metaspace.Prefix.ALWAYS, false), " Hey")).containsExactly("_Hey");
    }

    @Test
    void byteLevelAlphabetHoldsEveryByte() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        String encoded = ByteLevel.encode(all);
        assertThat(ByteLevel.decode(encoded)).isEqualTo(all);
        assertThat(encoded.chars().distinct().count()).isEqualTo(256);
        assertThat(ByteLevel.characterOf(' ')).isEqualTo('\u0120');
        assertThat(ByteLevel.characterOf('\n')).isEqualTo('\u010A');
    }

    private static List<String> split(Scanner scanner, Split.Behavior behavior, boolean inverted, String text) {
        return apply(new Split(scanner, behavior, inverted), text);
    }

    private static List<String> apply(PreTokenizer preTokenizer, String text) {
        Pieces pieces = preTokenizer.apply(Pieces.whole(text, true));
        List<String> list = new ArrayList<>();
        for (int i = 0; i < pieces.count(); i++) {
            list.add(pieces.text().substring(pieces.start(i), pieces.end(i)));
        }
        return list;
    }

    private static List<String> expected(List<Pattern> patterns, String text) {
        List<String> pieces = List.of(text);
        for (Pattern pattern : patterns) {
            List<String> next = new ArrayList<>();
            for (String piece : pieces) {
                Matcher matcher = pattern.matcher(piece);
                int done = 0;
                while (matcher.find()) {
                    if (done < matcher.start()) {
                        next.add(piece.substring(done, matcher.start()));
                    }
                    next.add(matcher.group());
                    done = matcher.end();
                }
                if (done < piece.length()) {
                    next.add(piece.substring(done));
                }
            }
            pieces = next;
        }
        return new ArrayList<>(pieces);
    }

    /** In Java's dialect {@code $} also matches before a last line end, so the end of input is written differently. */
    private static Pattern pattern(String expression) {
        return Pattern.compile(expression.equals("\\s+$") ? "\\s+\\z" : expression, Pattern.UNICODE_CHARACTER_CLASS);
    }
}
