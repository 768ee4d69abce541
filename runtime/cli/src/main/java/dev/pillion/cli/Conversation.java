package dev.pillion.cli;

import dev.pillion.model.template.ChatMessage;
import dev.pillion.model.template.ChatTemplate;
import dev.pillion.model.template.RenderOptions;
import dev.pillion.model.tokenizer.EncodeOptions;
import dev.pillion.model.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** The turns of a chat so far, and the prompt that the model's template makes of them. */
final class Conversation {
    private final ChatTemplate template;
    private final Tokenizer tokenizer;
    private final RenderOptions options;
    private final List<ChatMessage> turns = new ArrayList<>();
    private String system = "";

    Conversation(ChatTemplate template, Tokenizer tokenizer) {
        this.template = template;
        this.tokenizer = tokenizer;
        this.options = RenderOptions.DEFAULT.withTokens(
                piece(tokenizer.beginningOfText()), piece(tokenizer.endOfText()));
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
     * The tokens to continue. Templates of Hugging Face write the begin-of-text token themselves, many of those in GGUF
     * files leave it to the tokenizer: it is put in front where the model wants it and the template did not write it.
     *
     * @throws dev.pillion.model.template.TemplateException if the template does not accept the conversation
     */
    int[] prompt() {
        List<ChatMessage> messages = new ArrayList<>();
        if (!system.isEmpty()) {
            messages.add(ChatMessage.of("system", system));
        }
        messages.addAll(turns);
        int[] tokens = tokenizer.encode(template.render(messages, options), EncodeOptions.TEMPLATE);
        OptionalInt begin = tokenizer.beginningOfText();
        boolean missing = tokenizer.addsBeginningOfText() && (tokens.length == 0 || tokens[0] != begin.getAsInt());
        if (!missing) {
            return tokens;
        }
        int[] withBegin = new int[tokens.length + 1];
        withBegin[0] = begin.getAsInt();
        System.arraycopy(tokens, 0, withBegin, 1, tokens.length);
        return withBegin;
    }

    private String piece(OptionalInt id) {
        return id.isPresent() ? tokenizer.pieceOf(id.getAsInt()) : "";
    }
}
