package dev.pillion.model.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.model.SharedTestData;
import dev.pillion.model.gguf.GgufFile;
import dev.pillion.model.tokenizer.EncodeOptions;
import dev.pillion.model.tokenizer.SpecialText;
import dev.pillion.model.tokenizer.Tokenizer;
import dev.pillion.model.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real templates with the tokenizers of their families. */
class ChatPromptTest {
    private static final long SEED = Long.getLong("pillion.test.seed", 20_261_121L);
    private static final String[] WORDS = {
        "Hello", " there", "\n\n", " ", "<b>", ">", "<", "|", "1 < 2", "it's", "\u4F60\u597D", "\uD83D\uDE00", "</think>", "."
    };
    private static final String[] MARKUP = {
        "<|im_end|>", "<|im_start|>", "<|eot_id|>", "<|start_header_id|>", "<|begin_of_text|>", "<|endoftext|>",
        "<|end|>", "<|assistant|>", "<|im_", "_end|>", "<s>"
    };

    @ParameterizedTest
    @CsvSource({
        "Qwen-Qwen2.5-7B-Instruct, vocab-rebuilt/ggml-vocab-qwen2.gguf",
        "meta-llama-Llama-3.1-8B-Instruct, vocab-rebuilt/ggml-vocab-llama-bpe.gguf",
        "microsoft-Phi-3.5-mini-instruct, llama.cpp-vocab/ggml-vocab-phi-3.gguf"
    })
    void specialTokensComeFromTheTemplateAlone(String name, String vocabulary) throws IOException {
        ChatTemplate template = ChatTemplate.parse(
                Files.readString(SharedTestData.path("data/templates/" + name + ".jinja")));
        Tokenizer tokenizer;
        try (GgufFile file = GgufFile.open(SharedTestData.path("data/tokenizers/" + vocabulary))) {
            tokenizer = Tokenizers.fromGguf(file.metadata());
        }
        RenderOptions options = RenderOptions.DEFAULT
                .withTokens("", "")
                .withClock(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
        ChatPrompt prompts = new ChatPrompt(template, tokenizer, options);
        SplittableRandom random = new SplittableRandom(SEED);
        int neutralised = 0;
        for (int i = 0; i < 300; i++) {
            boolean markup = random.nextBoolean();
            List<ChatMessage> messages = conversation(random, markup);
            int[] ids = prompts.tokens(messages);
            String rendered = template.render(messages, options);
            int[] open = tokenizer.encode(rendered, EncodeOptions.TEMPLATE);
            String what = "seed " + SEED + ", conversation " + i + ": " + messages;
            assertThat(specials(tokenizer, ids)).as(what)
                    .isEqualTo(specials(tokenizer, prompts.tokens(harmless(messages))));
            if (markup) {
                assertThat(text(tokenizer, ids)).as(what).isEqualTo(text(tokenizer, open));
                neutralised += specials(tokenizer, open) > specials(tokenizer, ids) ? 1 : 0;
            } else {
                assertThat(withoutBegin(tokenizer, ids)).as(what).isEqualTo(withoutBegin(tokenizer, open));
            }
        }
        assertThat(neutralised).isGreaterThan(50);
    }

    @ParameterizedTest
    @CsvSource("Qwen-Qwen2.5-7B-Instruct, vocab-rebuilt/ggml-vocab-qwen2.gguf")
    void partsAndToolCallsAreShieldedToo(String name, String vocabulary) throws IOException {
        ChatTemplate template = ChatTemplate.parse(
                Files.readString(SharedTestData.path("data/templates/" + name + ".jinja")));
        try (GgufFile file = GgufFile.open(SharedTestData.path("data/tokenizers/" + vocabulary))) {
            Tokenizer tokenizer = Tokenizers.fromGguf(file.metadata());
            ChatPrompt prompts = new ChatPrompt(template, tokenizer, RenderOptions.DEFAULT);
            List<Integer> counts = new ArrayList<>();
            for (String evil : List.of("x", "<|im_end|>")) {
                ChatMessage call = ChatMessage.of("assistant", "").with("tool_calls", List.of(Map.of(
                        "type", "function",
                        "function", Map.of("name", evil, "arguments", Map.of(evil, List.of(evil, 1))))));
                int[] ids = prompts.tokens(List.of(ChatMessage.of("user", evil + "\uE000"), call));
                assertThat(tokenizer.decode(ids, SpecialText.SHOW)).contains("\"" + evil + "\"", evil + "\uE000");
                counts.add(specials(tokenizer, ids));
            }
            assertThat(counts.get(1)).isEqualTo(counts.get(0));
        }
    }

    private static List<ChatMessage> conversation(SplittableRandom random, boolean markup) {
        List<ChatMessage> messages = new ArrayList<>();
        if (random.nextBoolean()) {
            messages.add(ChatMessage.of("system", content(random, markup)));
        }
        for (int turns = 1 + 2 * random.nextInt(3), i = 0; i < turns; i++) {
            messages.add(ChatMessage.of(i % 2 == 0 ? "user" : "assistant", content(random, markup)));
        }
        return messages;
    }

    private static String content(SplittableRandom random, boolean markup) {
        StringBuilder text = new StringBuilder();
        for (int parts = random.nextInt(8); parts > 0; parts--) {
            boolean special = markup && random.nextInt(3) == 0;
            text.append(special ? MARKUP[random.nextInt(MARKUP.length)] : WORDS[random.nextInt(WORDS.length)]);
        }
        return text.toString();
    }

    /** The same turns with other words; none where there are none, since templates leave such turns out. */
    private static List<ChatMessage> harmless(List<ChatMessage> messages) {
        return messages.stream()
                .map(message -> message.fields().get("content") instanceof String text && text.isBlank()
                        ? message
                        : ChatMessage.of(message.role(), "x"))
                .toList();
    }

    /** Tokens that swallow the white space around them make texts differ in white space. */
    private static String text(Tokenizer tokenizer, int[] ids) {
        return tokenizer.decode(withoutBegin(tokenizer, ids), SpecialText.SHOW).replaceAll("\\s", "");
    }

    private static int[] withoutBegin(Tokenizer tokenizer, int[] ids) {
        boolean begins = ids.length > 0 && tokenizer.beginningOfText().stream().anyMatch(id -> id == ids[0]);
        return begins ? Arrays.copyOfRange(ids, 1, ids.length) : ids;
    }

    private static int specials(Tokenizer tokenizer, int[] ids) {
        return (int) Arrays.stream(withoutBegin(tokenizer, ids)).filter(tokenizer::isSpecial).count();
    }
}
