package dev.pillion.cli;

import dev.pillion.model.template.ChatMessage;
import dev.pillion.model.template.ChatPrompt;
import dev.pillion.model.template.ChatTemplate;
import dev.pillion.model.template.RenderOptions;
import dev.pillion.model.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** The turns of a chat so far, and the prompt that the model's template makes of them. */
final class Conversation {
    private final ChatPrompt prompts;
    private final List<ChatMessage> turns = new ArrayList<>();
    private String system = "";

    Conversation(ChatTemplate template, Tokenizer tokenizer) {
        RenderOptions options = RenderOptions.DEFAULT.withTokens(
                piece(tokenizer, tokenizer.beginningOfText()), piece(tokenizer, tokenizer.endOfText()));
        prompts = new ChatPrompt(template, tokenizer, options);
    }

    /** Sets the system message; empty for none. */
    void system(String text) {
        system = text;
    }

    void add(String role, String content) {
        turns.add(ChatMessage.of(role, content));
    }

    /** Forgets the last turn, where no answer to it came. */
    void dropLast() {
        turns.removeLast();
    }

    /** Forgets all turns; the system message stays. */
    void reset() {
        turns.clear();
    }

    /**
     * The tokens to continue.
     *
     * @throws dev.pillion.model.template.TemplateException if the template does not accept the conversation
     */
    int[] prompt() {
        List<ChatMessage> messages = new ArrayList<>();
        if (!system.isEmpty()) {
            messages.add(ChatMessage.of("system", system));
        }
        messages.addAll(turns);
        return prompts.tokens(messages);
    }

    private static String piece(Tokenizer tokenizer, OptionalInt id) {
        return id.isPresent() ? tokenizer.pieceOf(id.getAsInt()) : "";
    }
}
