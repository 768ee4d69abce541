package dev.pillion.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.model.ModelFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the parts of a tokenizer.json and the files beside it mean, and that unknown parts are refused by name. */
class TokenizerJsonTest {
    private static final String ADDED = added(0, "<s>", "\"special\":true")
            + "," + added(1, "</s>", "\"special\":true,\"rstrip\":true")
            + "," + added(8, "<tool>", "\"special\":false,\"lstrip\":true")
            + "," + added(9, "cab", "\"special\":false,\"single_word\":true");
    private static final String MODEL = """
            {"type":"BPE","unk_token":"<unk>","fuse_unk":true,"vocab":{"<s>":0,"</s>":1,"<unk>":2,"\u2581":3,
            "a":4,"b":5,"ab":6,"\u2581ab":7,"c":10},"merges":["a b","\u2581 ab"]}""";
    private static final String METASPACE = """
            {"type":"Metaspace","replacement":"\u2581","prepend_scheme":"first","split":false}""";
    private static final String TEMPLATE = """
            {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},
            {"Sequence":{"id":"A","type_id":0}},
            {"SpecialToken":{"id":"</s>","type_id":0}}],"special_tokens":{"<s>":{"id":"<s>","ids":[0],"tokens":["<s>"]},
            "</s>":{"id":"</s>","ids":[1],"tokens":["</s>"]}}}""";

    @TempDir
    Path folder;

    @Test
    void templateGoesAroundTheText() {
        Tokenizer tokenizer = read(document("null", METASPACE, TEMPLATE, METASPACE, MODEL));
        assertThat(tokenizer.encode("ab ab", EncodeOptions.PROMPT)).containsExactly(0, 7, 7, 1);
        assertThat(tokenizer.encode("ab", EncodeOptions.PLAIN)).containsExactly(7);
        assertThat(tokenizer.decode(new int[] {0, 7, 7, 1})).isEqualTo("ab ab");
    }

    @Test
    void addedTokensSwallowSpaceAndHeedWords() {
        Tokenizer tokenizer = read(document("null", METASPACE, "null", METASPACE, MODEL));
        assertThat(tokenizer.encode("ab </s>  ab", EncodeOptions.TEMPLATE)).containsExactly(7, 3, 1, 6);
        assertThat(tokenizer.encode("ab  <tool> ab", EncodeOptions.PLAIN)).containsExactly(7, 8, 7);
        assertThat(tokenizer.encode("cab", EncodeOptions.PLAIN)).containsExactly(9);
        assertThat(tokenizer.encode("a cab", EncodeOptions.PLAIN)).containsExactly(3, 4, 3, 9);
        assertThat(tokenizer.encode("acab", EncodeOptions.PLAIN)).containsExactly(3, 4, 10, 6);
        assertThat(tokenizer.encode("<tool>", EncodeOptions.PLAIN)).containsExactly(8);
    }

    @Test
    void unknownTextFuses() {
        Tokenizer tokenizer = read(document("null", "null", "null", "null", MODEL));
        assertThat(tokenizer.encode("xyzab", EncodeOptions.PLAIN)).containsExactly(2, 6);
    }

    @Test
    void normalizersAndPreTokenizers() {
        String prepend = "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Strip\"},{\"type\":\"Lowercase\"},"
                + "{\"type\":\"Prepend\",\"prepend\":\"\u2581\"},"
                + "{\"type\":\"Replace\",\"pattern\":{\"String\":\" \"},\"content\":\"\u2581\"}]}";
        assertThat(read(document(prepend, "null", "null", "null", MODEL)).encode(" AB ab ", EncodeOptions.PLAIN))
                .containsExactly(7, 7);
        String split = "{\"type\":\"Split\",\"pattern\":{\"String\":\"b\"},\"behavior\":\"Removed\",\"invert\":false}";
        assertThat(read(document("null", split, "null", "null", MODEL)).encode("abcab", EncodeOptions.PLAIN))
                .containsExactly(4, 10, 4);
        String words = "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Whitespace\"},{\"type\":\"Punctuation\"},"
                + "{\"type\":\"Digits\"}]}";
        assertThat(read(document("null", words, "null", "null", MODEL)).encode("ab ab.\tc", EncodeOptions.PLAIN))
                .containsExactly(6, 6, 2, 10);
    }

    @Test
    void configurationsBesideTheFile() throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"), """
                {"bos_token":{"content":"<s>"},"add_bos_token":true,"unk_token":"<unk>"}""");
        Files.writeString(folder.resolve("special_tokens_map.json"), "{\"eos_token\":\"</s>\"}");
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\":[6,8,4000000]}");
        Files.writeString(folder.resolve("config.json"), "{\"eos_token_id\":7,\"pad_token_id\":3}");
        Tokenizer tokenizer = read(document("null", METASPACE, "null", METASPACE, MODEL));
        assertThat(tokenizer.beginningOfText()).hasValue(0);
        assertThat(tokenizer.endOfText()).hasValue(1);
        assertThat(tokenizer.padding()).hasValue(3);
        assertThat(tokenizer.endOfGenerationIds()).containsExactly(1, 6, 7, 8);
        assertThat(tokenizer.encode("ab", EncodeOptions.PROMPT)).containsExactly(0, 7);
        assertThat(tokenizer.addsBeginningOfText()).isTrue();
    }

    @Test
    void refusesWhatItDoesNotKnowByName() {
        refused(document("{\"type\":\"Precompiled\"}", "null", "null", "null", MODEL), "normalizer.type",
                "Precompiled");
        refused(document("null", "{\"type\":\"UnicodeScripts\"}", "null", "null", MODEL), "pre_tokenizer.type",
                "UnicodeScripts");
        refused(document("null",
                "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(a+)+\"}}]}",
                "null", "null", MODEL), "pre_tokenizer.pretokenizers[0].pattern.Regex", "(a+)+");
        refused(document("null", "null", "{\"type\":\"Surprise\"}", "null", MODEL), "post_processor.type", "Surprise");
        refused(document("null", "null", "null", "{\"type\":\"CTC\"}", MODEL), "decoder.type", "CTC");
        refused(document("null", "null", "null", "null", "{\"type\":\"Unigram\",\"vocab\":[]}"), "model.type",
                "Unigram");
        refused(document("null", "null", "null", "null",
                MODEL.replace("\"BPE\"", "\"BPE\",\"end_of_word_suffix\":\"</w>\"")), "</w>");
        refused(document("null", "null", "null", "null", MODEL.replace("\"BPE\"", "\"BPE\",\"dropout\":0.1")),
                "dropout");
    }

    @Test
    void refusesMalformedDocuments() {
        refused("{", "tokenizer.json");
        refused("{}", "model", "missing");
        refused(document("null", "null", "null", "null", MODEL.replace("\"a b\"", "\"a x\"")), "merge 0", "no token");
        refused(document("null", "null", "null", "null", MODEL.replace("\"a b\"", "\"a b a\"")), "merges",
                "not two tokens");
        refused(document("null", "null", "null", "null", MODEL.replace("\"a b\"", "[\"a\"]")), "merges",
                "not two tokens");
        refused(document("null", "null", "null", "null", MODEL.replace("\"c\":10", "\"c\":2000000000")), "2000000000");
        refused(document("null", "null", "null", "null", MODEL.replace("\"c\":10", "\"c\":-1")), "-1");
        refused(document("null", "null", "null", "null", MODEL.replace("\"c\":10", "\"c\":\"x\"")), "x");
        refused(document("null", "null", TEMPLATE.replace("[0]", "[4711]"), "null", MODEL), "4711");
        refused(document("null", "null", "null", "null", MODEL.replace("\"<unk>\",\"fuse", "\"<none>\",\"fuse")),
                "<none>");
    }

    @Test
    void refusesAFolderWithoutTokenizer() {
        assertThatThrownBy(() -> Tokenizers.fromHuggingFace(folder))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("neither tokenizer.json nor vocab.json");
    }

    /** Any damage ends in a tokenizer that works or in the one exception. */
    @Test
    void survivesDamage() throws IOException {
        long seed = TokenizerTestData.seed();
        SplittableRandom random = new SplittableRandom(seed);
        String whole = document("null", METASPACE, TEMPLATE, METASPACE, MODEL);
        String[] inserts = {"null", "-1", "1e9", "{}", "[]", "\"x\"", "true", "99999999999"};
        for (int i = 0; i < 1000; i++) {
            StringBuilder damaged = new StringBuilder(whole);
            int at = random.nextInt(damaged.length());
            switch (random.nextInt(3)) {
                case 0 -> damaged.setCharAt(at, (char) random.nextInt(' ', 0x7F));
                case 1 -> damaged.delete(at, Math.min(damaged.length(), at + random.nextInt(1, 30)));
                default -> {
                    int colon = damaged.indexOf(":", at);
                    int end = colon < 0 ? -1 : damaged.indexOf(",", colon);
                    if (end > 0) {
                        damaged.replace(colon + 1, end, inserts[random.nextInt(inserts.length)]);
                    }
                }
            }
            try {
                Tokenizer tokenizer = read(damaged.toString());
                tokenizer.decode(tokenizer.encode("ab cab <s> \uD83D\uDE00", new EncodeOptions(true, true)));
            } catch (ModelFormatException expected) {
                assertThat(expected.subject()).isNotEmpty();
            } catch (RuntimeException unexpected) {
                throw new AssertionError("seed " + seed + " damage " + i + ": " + damaged, unexpected);
            }
        }
    }

    private Tokenizer read(String json) {
        try {
            Files.writeString(folder.resolve("tokenizer.json"), json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Tokenizers.fromHuggingFace(folder);
    }

    private void refused(String json, String... parts) {
        assertThatThrownBy(() -> read(json)).isInstanceOf(ModelFormatException.class).message().contains(parts);
    }

    private static String document(String normalizer, String preTokenizer, String postProcessor, String decoder,
            String model) {
        return "{\"version\":\"1.0\",\"added_tokens\":[" + ADDED + "],\"normalizer\":" + normalizer
                + ",\"pre_tokenizer\":"
                + preTokenizer + ",\"post_processor\":" + postProcessor + ",\"decoder\":" + decoder + ",\"model\":"
                + model + "}";
    }

    private static String added(int id, String content, String flags) {
        return "{\"id\":" + id + ",\"content\":\"" + content + "\"," + flags + ",\"normalized\":false}";
    }
}
