package dev.pillion.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.model.Metadata;
import dev.pillion.model.ModelFormatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What GGUF metadata means, and that wrong metadata is refused with the key's name. */
class GgufTokenizerTest {
    private static final String PREFIX = "tokenizer.ggml.";

    @Test
    void plainTextNeverBecomesAControlToken() {
        Tokenizer tokenizer = TinyVocabulary.tokenizer(TinyVocabulary.sentencePiece());
        assertThat(tokenizer.encode("<s>", EncodeOptions.PLAIN)).containsExactly(3, 11, 10);
        assertThat(tokenizer.encode("<s>", EncodeOptions.TEMPLATE)).containsExactly(1);
        assertThat(tokenizer.encode("ab<s>ab", EncodeOptions.TEMPLATE)).containsExactly(7, 1, 7);
    }

    @Test
    void unknownCharactersFuseWithoutByteTokens() {
        Tokenizer tokenizer = TinyVocabulary.tokenizer(TinyVocabulary.sentencePiece());
        assertThat(tokenizer.encode("xyab", EncodeOptions.PLAIN)).containsExactly(3, 0, 6);
        assertThat(tokenizer.unknown()).hasValue(0);
        assertThat(tokenizer.isSpecial(0)).isTrue();
    }

    @Test
    void spacePrefixCanBeSwitchedOff() {
        Map<String, Object> keys = TinyVocabulary.sentencePiece();
        keys.put(PREFIX + "add_space_prefix", false);
        Tokenizer tokenizer = TinyVocabulary.tokenizer(keys);
        assertThat(tokenizer.encode("ab", EncodeOptions.PLAIN)).containsExactly(6);
        assertThat(tokenizer.decode(new int[] {7})).isEqualTo(" ab");
    }

    @Test
    void sentencePieceAddsTheBeginningUnlessToldOtherwise() {
        Map<String, Object> keys = TinyVocabulary.sentencePiece();
        Tokenizer standard = TinyVocabulary.tokenizer(keys);
        assertThat(standard.encode("ab", EncodeOptions.PROMPT)).containsExactly(1, 7);
        assertThat(standard.addsBeginningOfText()).isTrue();
        keys.put(PREFIX + "add_bos_token", false);
        keys.put(PREFIX + "add_eos_token", true);
        Tokenizer changed = TinyVocabulary.tokenizer(keys);
        assertThat(changed.encode("ab", EncodeOptions.PROMPT)).containsExactly(7, 2);
        assertThat(changed.addsBeginningOfText()).isFalse();
        assertThat(changed.addsEndOfText()).isTrue();
    }

    @Test
    void mergesGoByRankThenFromTheLeft() {
        Tokenizer tokenizer = TinyVocabulary.tokenizer(TinyVocabulary.byteLevel("b c", "a b", "a a"));
        assertThat(pieces(tokenizer, "abc")).containsExactly("a", "bc");
        assertThat(pieces(tokenizer, "abab")).containsExactly("ab", "ab");
        assertThat(pieces(tokenizer, "aaa")).containsExactly("aa", "a");
        assertThat(pieces(tokenizer, "aab")).containsExactly("a", "ab");
    }

    @Test
    void endOfGenerationByRoleAndByName() {
        Map<String, Object> keys = TinyVocabulary.byteLevel("a b");
        Tokenizer tokenizer = TinyVocabulary.tokenizer(keys);
        assertThat(tokenizer.endOfText()).hasValue(257);
        assertThat(tokenizer.endOfTurn()).hasValue(257);
        assertThat(tokenizer.endOfGenerationIds()).containsExactly(257);
        keys.put(PREFIX + "eom_token_id", 3L);
        assertThat(TinyVocabulary.tokenizer(keys).endOfGenerationIds()).containsExactly(3, 257);
        keys.put(PREFIX + "bos_token_id", 0xFFFF_FFFFL);
        assertThat(TinyVocabulary.tokenizer(keys).beginningOfText()).isEmpty();
    }

    @Test
    void endOfMessageIsNotEndOfGenerationInTheHarmonyFormat() {
        Map<String, Object> keys = new LinkedHashMap<>(TinyVocabulary.byteLevel("a b"));
        List<Object> tokens = new ArrayList<>((List<?>) keys.get(PREFIX + "tokens"));
        tokens.addAll(List.of("<|return|>", "<|call|>"));
        long[] types = Arrays.copyOf((long[]) keys.get(PREFIX + "token_type"), tokens.size());
        types[types.length - 1] = 3;
        types[types.length - 2] = 3;
        keys.put(PREFIX + "tokens", tokens);
        keys.put(PREFIX + "token_type", types);
        keys.put(PREFIX + "eos_token_id", (long) types.length - 2);
        assertThat(TinyVocabulary.tokenizer(keys).endOfGenerationIds()).containsExactly(258, 259);
    }

    @Test
    void refusesWhatItDoesNotKnowByName() {
        refused(with(TinyVocabulary.byteLevel("a b"), PREFIX + "pre", "klingon"), "klingon", "llama-bpe", "qwen2");
        refused(with(TinyVocabulary.byteLevel("a b"), PREFIX + "model", "bert"), "bert", "gpt2");
    }

    @Test
    void refusesMalformedMetadata() {
        Map<String, Object> bytes = TinyVocabulary.byteLevel("a b");
        refused(with(bytes, PREFIX + "tokens", new ArrayList<Object>()), "token");
        refused(with(bytes, PREFIX + "tokens", List.of("a", 3L)), "tokens");
        refused(with(bytes, PREFIX + "token_type", new long[3]), "token_type", "3 values");
        refused(with(bytes, PREFIX + "merges", List.of("ab")), "merge 0");
        refused(with(bytes, PREFIX + "merges", List.of("a ")), "merge 0");
        refused(with(bytes, PREFIX + "merges", List.of("x y")), "merge 0", "no token");
        refused(with(bytes, PREFIX + "eos_token_id", 258L), "eos_token_id", "258");
        refused(with(bytes, PREFIX + "bos_token_id", -2L), "bos_token_id");
        refused(with(bytes, PREFIX + "bos_token_id", "one"), "bos_token_id");
        refused(without(bytes, PREFIX + "merges"), "merges", "missing");
        refused(without(bytes, PREFIX + "tokens"), "tokens", "missing");
        refused(without(bytes, PREFIX + "model"), "model", "missing");
        Map<String, Object> scored = TinyVocabulary.sentencePiece();
        refused(with(scored, PREFIX + "scores", new float[2]), "scores", "2 values");
        refused(without(scored, PREFIX + "scores"), "scores", "missing");
        long[] types = {6, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1};
        refused(with(scored, PREFIX + "token_type", types), "token 0", "<0x0A>");
    }

    @Test
    void refusesVocabulariesMadeToExhaustMemory() {
        List<Object> tokens = new ArrayList<>();
        StringBuilder piece = new StringBuilder();
        for (int i = 0; i < 4000; i++) {
            tokens.add(piece.append((char) ('a' + i % 2)).toString());
        }
        Map<String, Object> keys = TinyVocabulary.sentencePiece();
        keys.remove(PREFIX + "token_type");
        keys.put(PREFIX + "tokens", tokens);
        keys.put(PREFIX + "scores", new float[tokens.size()]);
        refused(keys, "token 1024", "1025 characters");
    }

    /** Any change of the metadata ends in a tokenizer that works or in the one exception. */
    @Test
    void survivesRandomChanges() {
        long seed = TokenizerTestData.seed();
        SplittableRandom random = new SplittableRandom(seed);
        Object[] values = {
            -1L, 0L, 5L, 1L << 40, "", "gpt2", "llama", "default", true, new long[] {1, 9, -4},
                    new float[] {Float.NaN, 1},
            List.of(), List.of("a", "", "a"), List.of("a a", "aa a"), List.of("\uD800", "x\uDC00"), 1.5f,
        };
        for (int i = 0; i < 3000; i++) {
            Map<String, Object> keys = random.nextBoolean() ? TinyVocabulary.byteLevel("a b", "ab c")
                    : TinyVocabulary.sentencePiece();
            String[] names = keys.keySet().toArray(String[]::new);
            for (int changes = random.nextInt(1, 4); changes > 0; changes--) {
                keys.put(names[random.nextInt(names.length)], values[random.nextInt(values.length)]);
            }
            try {
                Tokenizer tokenizer = TinyVocabulary.tokenizer(keys);
                String text = TokenizerTestData.randomText(random, 5);
                int[] ids = tokenizer.encode(text, new EncodeOptions(true, true));
                assertThat(Arrays.stream(ids).allMatch(id -> id >= 0 && id < tokenizer.vocabularySize()))
                        .as("seed %d change %d", seed, i)
                        .isTrue();
                tokenizer.decode(ids);
            } catch (ModelFormatException expected) {
                assertThat(expected.subject()).isNotEmpty();
            } catch (RuntimeException unexpected) {
                throw new AssertionError("seed " + seed + " change " + i + ": " + keys.keySet(), unexpected);
            }
        }
    }

    private static void refused(Map<String, Object> keys, String... parts) {
        assertThatThrownBy(() -> Tokenizers.fromGguf(new Metadata(TinyVocabulary.FILE, keys)))
                .isInstanceOf(ModelFormatException.class)
                .message()
                .contains(parts)
                .contains(TinyVocabulary.FILE.toString());
    }

    private static Map<String, Object> with(Map<String, Object> keys, String key, Object value) {
        Map<String, Object> changed = new LinkedHashMap<>(keys);
        changed.put(key, value);
        return changed;
    }

    private static Map<String, Object> without(Map<String, Object> keys, String key) {
        Map<String, Object> changed = new LinkedHashMap<>(keys);
        changed.remove(key);
        return changed;
    }

    private static List<String> pieces(Tokenizer tokenizer, String text) {
        return Arrays.stream(tokenizer.encode(text, EncodeOptions.PLAIN)).mapToObj(tokenizer::pieceOf).toList();
    }
}
