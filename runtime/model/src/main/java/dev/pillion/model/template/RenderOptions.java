package dev.pillion.model.template;

import java.time.Clock;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a template gets besides the messages.
 *
 * @param addGenerationPrompt whether to end with the opening of the assistant's turn
 * @param bosToken text of the token that opens a sequence; undefined for the template if absent
 * @param eosToken text of the token that closes a sequence; undefined for the template if absent
 * @param tools tool descriptions as in an OpenAI request; None for the template if empty
 * @param variables further variables ("enable_thinking", "additional_special_tokens", …); they win over the others
 * @param clock time for {@code strftime_now}
 */
public record RenderOptions(
        boolean addGenerationPrompt,
        Optional<String> bosToken,
        Optional<String> eosToken,
        List<Map<String, @Nullable Object>> tools,
        Map<String, @Nullable Object> variables,
        Clock clock) {

    /** A generation prompt, nothing else, and the system's clock. */
    public static final RenderOptions DEFAULT = new RenderOptions(
            true, Optional.empty(), Optional.empty(), List.of(), Map.of(), Clock.systemDefaultZone());

    /** Copies the collections. */
    public RenderOptions {
        tools = List.copyOf(tools);
        variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
    }

    /** Returns these options with or without the opening of the assistant's turn. */
    public RenderOptions withGenerationPrompt(boolean add) {
        return new RenderOptions(add, bosToken, eosToken, tools, variables, clock);
    }

    /** Returns these options with the texts of the tokens that open and close a sequence. */
    public RenderOptions withTokens(String bos, String eos) {
        return new RenderOptions(addGenerationPrompt, Optional.of(bos), Optional.of(eos), tools, variables, clock);
    }

    /** Returns these options with other tools. */
    public RenderOptions withTools(List<Map<String, @Nullable Object>> descriptions) {
        return new RenderOptions(addGenerationPrompt, bosToken, eosToken, descriptions, variables, clock);
    }

    /** Returns these options with one more variable. */
    public RenderOptions withVariable(String name, @Nullable Object value) {
        Map<String, @Nullable Object> more = new LinkedHashMap<>(variables);
        more.put(name, value);
        return new RenderOptions(addGenerationPrompt, bosToken, eosToken, tools, more, clock);
    }

    /** Returns these options with another clock. */
    public RenderOptions withClock(Clock other) {
        return new RenderOptions(addGenerationPrompt, bosToken, eosToken, tools, variables, other);
    }
}
