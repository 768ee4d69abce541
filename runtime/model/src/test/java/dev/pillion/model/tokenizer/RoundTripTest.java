package dev.pillion.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Decoding gives back what was encoded, and a stream of pieces is the text of the whole. */
class RoundTripTest {
    private static final long SEED = TokenizerTestData.seed();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama-spm", "llama-bpe", "qwen2", "gpt-2", "phi-3", "falcon", "deepseek-llm", "deepseek-coder",
                "starcoder",
                "refact", "mpt"
            })
    void decodesWhatItEncoded(String name) {
        Tokenizer tokenizer = TokenizerTestData.vocabulary(name);
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < 1000; i++) {
            // Phi-3's user-defined </s> swallows the white space after it, and U+2581 is how SentencePiece writes a
            // space. Falcon's vocabulary has no tokens for a few control characters.
            String text = TokenizerTestData.randomText(random, random.nextInt(30))
                    .replace("</s>", "").replace('\u2581', '_').replaceAll("[\u000B\u000C]", "");
            int[] ids = tokenizer.encode(text, EncodeOptions.PLAIN);
            assertThat(tokenizer.decode(ids)).as("seed %d text %d %s", SEED, i, TokenizerTestData.literal(text))
                    .isEqualTo(text);
            for (int id : ids) {
                assertThat(tokenizer.isSpecial(id)).as("seed %d text %d: plain text became token %d", SEED, i, id)
                        .isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-spm", "gpt-2", "llama-bpe", "qwen2", "phi-3"})
    void streamsAreTheTextOfTheWhole(String name) {
        Tokenizer tokenizer = TokenizerTestData.vocabulary(name);
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < 400; i++) {
            int[] ids = random.ints(random.nextInt(1, 40), 0, tokenizer.vocabularySize()).toArray();
            SpecialText specialText = random.nextBoolean() ? SpecialText.OMIT : SpecialText.SHOW;
            Detokenizer detokenizer = Detokenizer.continuing(tokenizer, specialText);
            StringBuilder streamed = new StringBuilder();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (int id : ids) {
                String piece = detokenizer.append(id);
                assertThat(endsInsideCharacter(piece)).as("seed %d ids %d", SEED, i).isFalse();
                streamed.append(piece);
                if (specialText == SpecialText.SHOW || !tokenizer.isSpecial(id)) {
                    bytes.writeBytes(tokenizer.bytesOf(id));
                }
            }
            streamed.append(detokenizer.flush());
            String whole = bytes.toString(StandardCharsets.UTF_8);
            assertThat(streamed.toString()).as("seed %d ids %d", SEED, i).isEqualTo(whole);
            String fromStart = tokenizer.decode(ids, specialText);
            boolean drops = fromStart.length() < whole.length();
            assertThat(drops ? " " + fromStart : fromStart).as("seed %d ids %d", SEED, i).isEqualTo(whole);
        }
    }

    /** Every way of cutting random bytes, malformed ones included, gives what decoding them at once gives. */
    @Test
    void bytesInAnyPortions() {
        Tokenizer tokenizer = TokenizerTestData.vocabulary("llama-spm");
        int firstByte = tokenizer.idOf("<0x00>").orElseThrow();
        SplittableRandom random = new SplittableRandom(SEED);
        int[] leads = {0x41, 0x80, 0xBF, 0xC0, 0xC3, 0xE0, 0xE2, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF, 0x9F, 0x82, 0xA0};
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(1, 9)];
            Detokenizer detokenizer = Detokenizer.continuing(tokenizer, SpecialText.OMIT);
            StringBuilder streamed = new StringBuilder();
            for (int j = 0; j < bytes.length; j++) {
                bytes[j] = (byte) leads[random.nextInt(leads.length)];
                streamed.append(detokenizer.append(firstByte + (bytes[j] & 0xFF)));
            }
            assertThat(streamed.append(detokenizer.flush()).toString())
                    .as("seed %d bytes %d %s", SEED, i, HexFormat.of().formatHex(bytes))
                    .isEqualTo(new String(bytes, StandardCharsets.UTF_8));
        }
    }

    @Test
    void malformedBytesAppearAsSoonAsTheyAreCertain() {
        Tokenizer tokenizer = TokenizerTestData.vocabulary("llama-spm");
        int firstByte = tokenizer.idOf("<0x00>").orElseThrow();
        Detokenizer detokenizer = Detokenizer.continuing(tokenizer, SpecialText.OMIT);
        assertThat(detokenizer.append(firstByte + 0xF0)).isEmpty();
        assertThat(detokenizer.append(firstByte + 0x9F)).isEmpty();
        assertThat(detokenizer.append(firstByte + 0x98)).isEmpty();
        assertThat(detokenizer.append(firstByte + 0x80)).isEqualTo("\uD83D\uDE00");
        assertThat(detokenizer.append(firstByte + 0xE2)).isEmpty();
        assertThat(detokenizer.append(firstByte + 'a')).isEqualTo("\uFFFDa");
        assertThat(detokenizer.append(firstByte + 0xFF)).isEqualTo("\uFFFD");
        assertThat(detokenizer.append(firstByte + 0xE2)).isEmpty();
        assertThat(detokenizer.flush()).isEqualTo("\uFFFD");
        assertThat(detokenizer.append(firstByte + 'b')).isEqualTo("b");
    }

    @Test
    void firstSpaceIsDroppedAtTheStartOnly() {
        Tokenizer tokenizer = TokenizerTestData.vocabulary("llama-spm");
        int[] ids = tokenizer.encode("Hello world", EncodeOptions.PROMPT);
        assertThat(ids).containsExactly(1, 15043, 3186);
        assertThat(tokenizer.decode(ids)).isEqualTo("Hello world");
        assertThat(tokenizer.decode(ids, SpecialText.SHOW)).isEqualTo("<s> Hello world");
        Detokenizer continuing = Detokenizer.continuing(tokenizer, SpecialText.OMIT);
        assertThat(continuing.append(3186)).isEqualTo(" world");
        Detokenizer fromStart = Detokenizer.fromStart(tokenizer, SpecialText.OMIT);
        assertThat(fromStart.append(1)).isEmpty();
        assertThat(fromStart.append(3186)).isEqualTo("world");
        assertThat(fromStart.append(3186)).isEqualTo(" world");
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-spm", "gpt-2", "qwen2", "deepseek-llm"})
    void unpairedSurrogatesBecomeTheReplacementCharacter(String name) {
        Tokenizer tokenizer = TokenizerTestData.vocabulary(name);
        SplittableRandom random = new SplittableRandom(SEED);
        char[] units = {'\uD83D', '\uDE00', '\uDFFF', '\uD800', 'a', ' ', '\u00E9'};
        for (int i = 0; i < 2000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(1, 8); length > 0; length--) {
                text.append(units[random.nextInt(units.length)]);
            }
            String repaired = text.codePoints()
                    .map(c -> c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
            assertThat(tokenizer.decode(tokenizer.encode(text.toString(), EncodeOptions.PLAIN)))
                    .as("seed %d text %d %s", SEED, i, TokenizerTestData.literal(text.toString()))
                    .isEqualTo(repaired);
        }
    }

    @Test
    void idsBeyondTheVocabularyAreEmpty() {
        Tokenizer tokenizer = TokenizerTestData.vocabulary("gpt-2");
        int beyond = tokenizer.vocabularySize() + 7;
        assertThat(tokenizer.decode(new int[] {15496, beyond, 995})).isEqualTo("Hello world");
        assertThat(tokenizer.isSpecial(beyond)).isFalse();
        assertThat(tokenizer.isEndOfGeneration(beyond)).isFalse();
    }

    private static boolean endsInsideCharacter(String text) {
        return !text.isEmpty()
                && (Character.isHighSurrogate(text.charAt(text.length() - 1))
                || Character.isLowSurrogate(text.charAt(0)));
    }
}
