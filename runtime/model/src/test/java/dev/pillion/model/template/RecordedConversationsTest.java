package dev.pillion.model.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.model.SharedTestData;
import dev.pillion.model.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * One conversation rendered by the templates of thirty families, as recorded by llama.cpp's own tests. That program
 * does two things around its engine which a template engine has no part in, and which this test does too: it drops the
 * token that opens or closes the text, and it puts the system message into the first user message where a template has
 * no place for it.
 */
class RecordedConversationsTest {
    private static final List<String> SYSTEM_MESSAGE_MERGED = List.of(
            "mistralai/Mistral-7B-Instruct-v0.2 (NOTE: Old pre-v1 without a system prompt)",
            "google/gemma-7b-it",
            "OrionStarAI/Orion-14B-Chat",
            "Phi-3-mini",
            "Phi-3-medium");

    /** Its engine removes the blank before a print tag at the start of a line, where Jinja keeps it. */
    private static final String STRIPS_BEFORE_PRINT = "ChatGLM3";

    /** Names its control tokens by their place in a list of the tokenizer's, which the record leaves out. */
    private static final String NEEDS_SPECIAL_TOKENS = "ai-sage/GigaChat-20B-A3B-instruct";

    @Test
    void everyRecordedConversationIsReproduced() {
        Map<String, @Nullable Object> record =
                Json.parseObject(SharedTestData.path("data/templates/chat-template-cases-2025-02.json"));
        List<ChatMessage> conversation = objects(record.get("conversation")).stream().map(ChatMessage::new).toList();
        List<Map<String, @Nullable Object>> cases = objects(record.get("cases"));
        assertThat(cases).hasSize(30);
        Map<String, String> expected = new TreeMap<>();
        Map<String, String> actual = new TreeMap<>();
        for (Map<String, @Nullable Object> one : cases) {
            String name = text(one, "name");
            expected.put(name, text(one, name.equals(STRIPS_BEFORE_PRINT) ? "expected_legacy" : "expected_jinja"));
            List<ChatMessage> messages = SYSTEM_MESSAGE_MERGED.contains(name) ? merged(conversation) : conversation;
            actual.put(name, withoutOuterTokens(render(one, messages), one, expected.get(name)));
        }
        assertThat(actual).isEqualTo(expected).hasSize(30);
    }

    private static String render(Map<String, @Nullable Object> one, List<ChatMessage> messages) {
        RenderOptions options = RenderOptions.DEFAULT.withTokens(text(one, "bos_token"), text(one, "eos_token"));
        if (text(one, "name").equals(NEEDS_SPECIAL_TOKENS)) {
            options = options.withTokens("<s>", "")
                    .withVariable("additional_special_tokens", List.of("<|role_sep|>", "<|message_sep|>", "[", "]"));
        }
        return ChatTemplate.parse(text(one, "template")).render(messages, options);
    }

    /** Drops the opening token where the recorded text lacks it, and a closing token at the very end. */
    private static String withoutOuterTokens(String text, Map<String, @Nullable Object> one, String expected) {
        String bos = text(one, "bos_token");
        String eos = text(one, "eos_token");
        String inner = !bos.isEmpty() && text.startsWith(bos) && !expected.startsWith(bos)
                ? text.substring(bos.length())
                : text;
        return !eos.isEmpty() && inner.endsWith(eos) && !expected.endsWith(eos)
                ? inner.substring(0, inner.length() - eos.length())
                : inner;
    }

    private static List<ChatMessage> merged(List<ChatMessage> conversation) {
        List<ChatMessage> merged = new ArrayList<>(conversation.subList(1, conversation.size()));
        String system = String.valueOf(conversation.getFirst().fields().get("content"));
        merged.set(0, merged.getFirst().with("content", system + "\n" + merged.getFirst().fields().get("content")));
        return merged;
    }

    private static String text(Map<String, @Nullable Object> map, String key) {
        return String.valueOf(map.get(key));
    }

    private static List<Map<String, @Nullable Object>> objects(@Nullable Object list) {
        List<Map<String, @Nullable Object>> objects = new ArrayList<>();
        ((List<?>) list).forEach(element -> objects.add(new LinkedHashMap<>(Json.object((Map<?, ?>) element))));
        return objects;
    }
}
