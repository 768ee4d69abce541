package dev.pillion.model.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pillion.model.SharedTestData;
import dev.pillion.model.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The templates of 55 model families, each with eight conversations. {@code renders.tsv} holds the SHA-256 of what
 * Jinja2 3.1.6, set up as transformers does, renders from the same inputs (with two liberties that templates written
 * for llama.cpp take: {@code map(…)|tojson}, and setting the fields of a message); {@link #REFUSED} says what it
 * refuses.
 */
class RealTemplatesTest {
    private static final String TEXT_ONLY = "can only concatenate str (not \"list\") to str";
    private static final String NEEDS_TOOLS = "'NoneType' object is not iterable";
    private static final String NEEDS_PARSED_ARGUMENTS = "can only get item pairs from a mapping, not str";
    private static final String NEEDS_CONTENT = "'NoneType' object is not iterable";
    private static final String ONE_CALL = "This model only supports single tool-calls at once!";

    /** Template, conversations, and the reason that the message must name. */
    private record Refusal(String template, Set<String> conversations, String reason) {}

    private static final List<Refusal> REFUSED = List.of(
            // Content must be text: these families have no images, and their templates add content to strings.
            new Refusal("Bielik-11B-v3.0-Instruct", Set.of("parts"), TEXT_ONLY),
            new Refusal("ByteDance-Seed-OSS", Set.of("parts"), TEXT_ONLY),
            new Refusal("MiMo-VL", Set.of("parts"), TEXT_ONLY),
            new Refusal("Qwen-QwQ-32B", Set.of("parts"), TEXT_ONLY),
            new Refusal("Qwen-Qwen2.5-7B-Instruct", Set.of("parts"), TEXT_ONLY),
            new Refusal("Qwen3-Coder", Set.of("parts"), TEXT_ONLY),
            new Refusal("deepseek-ai-DeepSeek-R1-Distill-Llama-8B", Set.of("parts"), TEXT_ONLY),
            new Refusal("deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", Set.of("parts"), TEXT_ONLY),
            new Refusal("deepseek-ai-DeepSeek-V3.1", Set.of("parts"), TEXT_ONLY),
            new Refusal("deepseek-ai-DeepSeek-V3.2", Set.of("parts"), TEXT_ONLY),
            new Refusal("ibm-granite-granite-3.3-2B-Instruct", Set.of("parts"), TEXT_ONLY),
            new Refusal("llama-cpp-deepseek-r1", Set.of("parts"), TEXT_ONLY),
            new Refusal("meetkai-functionary-medium-v3.1", Set.of("parts"), TEXT_ONLY),
            new Refusal("meetkai-functionary-medium-v3.2", Set.of("parts"), TEXT_ONLY),
            new Refusal("microsoft-Phi-3.5-mini-instruct", Set.of("parts"), TEXT_ONLY),
            new Refusal("mistralai-Mistral-Nemo-Instruct-2407", Set.of("parts"), TEXT_ONLY),
            new Refusal("openai-gpt-oss-120b", Set.of("parts"), TEXT_ONLY),
            new Refusal("Qwen-Qwen3-0.6B", Set.of("parts"), "'list object' has no attribute 'startswith'"),
            new Refusal("MiroThinker", Set.of("parts"), "'list object' has no attribute 'startswith'"),
            new Refusal("Apertus-8B-Instruct", Set.of("parts"), "Invalid user message: user"),
            // Variants for tool use walk the tools without asking whether there are any.
            new Refusal("CohereForAI-c4ai-command-r-plus-tool_use",
                    Set.of("chat", "system", "without_prompt", "thinking", "parts"), NEEDS_TOOLS),
            new Refusal("NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use",
                    Set.of("chat", "system", "without_prompt", "thinking", "parts"), NEEDS_TOOLS),
            new Refusal("NousResearch-Hermes-3-Llama-3.1-8B-tool_use",
                    Set.of("chat", "system", "without_prompt", "thinking", "parts"), NEEDS_TOOLS),
            // Its macros read a loop variable of their caller, which only llama.cpp's engine shows them.
            new Refusal("MiroThinker", Set.of("tools", "tool_call", "tool_calls_as_text"), "'tool' is undefined"),
            // Arguments of a call must be a map here …
            new Refusal("ByteDance-Seed-OSS", Set.of("tool_calls_as_text"), NEEDS_PARSED_ARGUMENTS),
            new Refusal("NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", Set.of("tool_calls_as_text"), NEEDS_PARSED_ARGUMENTS),
            new Refusal("Qwen3-Coder", Set.of("tool_calls_as_text"), NEEDS_PARSED_ARGUMENTS),
            new Refusal("Qwen3.5-4B", Set.of("tool_calls_as_text"), NEEDS_PARSED_ARGUMENTS),
            new Refusal("StepFun3.5-Flash", Set.of("tool_calls_as_text"), NEEDS_PARSED_ARGUMENTS),
            new Refusal("stepfun-ai-Step-3.5-Flash", Set.of("tool_calls_as_text"), NEEDS_PARSED_ARGUMENTS),
            new Refusal("GLM-4.7-Flash", Set.of("tool_calls_as_text"), "'str object' has no attribute 'items'"),
            new Refusal("GLM-5.2", Set.of("tool_calls_as_text"), "'str object' has no attribute 'items'"),
            // … and JSON text there.
            new Refusal("meetkai-functionary-medium-v3.2", Set.of("tool_call"),
                    "can only concatenate str (not \"dict\") to str"),
            // A message that only calls tools has null as content; these want an empty string.
            new Refusal("Bielik-11B-v3.0-Instruct", Set.of("tool_calls_as_text"), NEEDS_CONTENT),
            new Refusal("Qwen-Qwen3-0.6B", Set.of("tool_calls_as_text"), NEEDS_CONTENT),
            new Refusal("openai-gpt-oss-120b", Set.of("tool_calls_as_text"), NEEDS_CONTENT),
            new Refusal("Qwen-QwQ-32B", Set.of("tool_calls_as_text"), "'None' has no attribute 'split'"),
            new Refusal("ibm-granite-granite-3.3-2B-Instruct", Set.of("tool_calls_as_text"),
                    "can only concatenate str (not \"NoneType\") to str"),
            new Refusal("microsoft-Phi-3.5-mini-instruct", Set.of("tool_calls_as_text"),
                    "can only concatenate str (not \"NoneType\") to str"),
            new Refusal("mistralai-Ministral-3-14B-Reasoning-2512", Set.of("tool_calls_as_text"),
                    "object of type 'NoneType' has no len()"),
            new Refusal("unsloth-mistral-Devstral-Small-2507", Set.of("tool_calls_as_text"), "None has no element 0"),
            // One call per message.
            new Refusal("meta-llama-Llama-3.1-8B-Instruct", Set.of("tool_calls_as_text"), ONE_CALL),
            new Refusal("meta-llama-Llama-3.2-3B-Instruct", Set.of("tool_calls_as_text"), ONE_CALL),
            new Refusal("meta-llama-Llama-3.3-70B-Instruct", Set.of("tool_calls_as_text"), ONE_CALL),
            // No system message, no tools.
            new Refusal("google-gemma-2-2b-it", Set.of("system", "without_prompt", "tools", "tool_calls_as_text"),
                    "System role not supported"),
            new Refusal("google-gemma-2-2b-it", Set.of("tool_call"), "Conversation roles must alternate"));

    @Test
    void everyTemplateRendersOrRefusesAsJinja2Does() throws IOException {
        Map<String, String> expected = expectedHashes();
        Map<String, Conversation> conversations = Conversation.all();
        Map<String, String> wrong = new TreeMap<>();
        Set<String> seen = new TreeSet<>();
        List<Path> templates = SharedTestData.files("data/templates", ".jinja");
        assertThat(templates).hasSize(55);
        for (Path file : templates) {
            String name = file.getFileName().toString().replace(".jinja", "");
            ChatTemplate template = ChatTemplate.parse(Files.readString(file));
            conversations.forEach((conversation, given) -> {
                String id = name + "\t" + conversation;
                seen.add(id);
                String hash = expected.get(id);
                if (hash != null) {
                    checkRender(template, given, hash).ifPresent(problem -> wrong.put(id, problem));
                } else {
                    checkRefusal(template, given, name, conversation).ifPresent(problem -> wrong.put(id, problem));
                }
            });
        }
        assertThat(wrong).isEmpty();
        assertThat(seen).containsAll(expected.keySet()).hasSize(55 * 8);
    }

    private static Optional<String> checkRender(ChatTemplate template, Conversation given, String hash) {
        try {
            String text = template.render(given.messages(), given.options());
            return sha256(text).equals(hash) ? Optional.empty() : Optional.of("other text: " + text);
        } catch (TemplateException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static Optional<String> checkRefusal(
            ChatTemplate template, Conversation given, String name, String conversation) {
        List<Refusal> listed = REFUSED.stream()
                .filter(r -> r.template().equals(name) && r.conversations().contains(conversation))
                .toList();
        if (listed.size() != 1) {
            return Optional.of("is listed " + listed.size() + " times");
        }
        @Nullable TemplateException refusal = catchThrowableOfType(
                TemplateException.class, () -> template.render(given.messages(), given.options()));
        if (refusal == null) {
            return Optional.of("is listed as refused, but renders");
        }
        String message = String.valueOf(refusal.getMessage());
        return message.contains(listed.getFirst().reason()) ? Optional.empty() : Optional.of(message);
    }

    private static Map<String, String> expectedHashes() throws IOException {
        Map<String, String> hashes = new HashMap<>();
        for (String line : resource("renders.tsv").lines().toList()) {
            int tab = line.lastIndexOf('\t');
            hashes.put(line.substring(0, tab), line.substring(tab + 1));
        }
        return hashes;
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = RealTemplatesTest.class.getResourceAsStream(name)) {
            assertThat(in).as(name).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String sha256(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** One entry of {@code conversations.json}. */
    record Conversation(List<ChatMessage> messages, RenderOptions options) {
        static Map<String, Conversation> all() throws IOException {
            Map<String, Conversation> all = new TreeMap<>();
            Map<?, ?> document = (Map<?, ?>) Json.parse(resource("conversations.json"), Path.of("conversations.json"));
            document.forEach((name, entry) -> all.put((String) name, of(Json.object((Map<?, ?>) entry))));
            return all;
        }

        private static Conversation of(Map<String, @Nullable Object> entry) {
            RenderOptions options = RenderOptions.DEFAULT
                    .withClock(Rendering.CLOCK)
                    .withTokens("<s>", "</s>")
                    .withTools(objects(entry.get("tools")))
                    .withGenerationPrompt((Boolean) entry.get("add_generation_prompt"));
            for (Map.Entry<String, @Nullable Object> v :
                    Json.object((Map<?, ?>) entry.get("variables")).entrySet()) {
                options = options.withVariable(v.getKey(), v.getValue());
            }
            return new Conversation(objects(entry.get("messages")).stream().map(ChatMessage::new).toList(), options);
        }

        private static List<Map<String, @Nullable Object>> objects(@Nullable Object list) {
            List<Map<String, @Nullable Object>> objects = new ArrayList<>();
            ((List<?>) list).forEach(element -> objects.add(Json.object((Map<?, ?>) element)));
            return objects;
        }
    }
}
