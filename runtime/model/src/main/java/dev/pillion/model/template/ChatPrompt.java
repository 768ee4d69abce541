package dev.pillion.model.template;

import dev.pillion.model.tokenizer.EncodeOptions;
import dev.pillion.model.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of a conversation. Special tokens come from the template alone: where a message has the text of one, it
 * stays text, so that nobody can end their turn in the middle of a message and go on as somebody else.
 *
 * <p>The whole prompt is encoded at once and not message by message, since tokens may reach across the edges of a
 * message. So the messages are told apart by marks: a character that appears nowhere is put into them where a special
 * token would be read, goes through the template with them, and is dropped by the tokenizer. A conversation without such
 * texts has no marks and is encoded as it is rendered.
 */
public final class ChatPrompt {
    private static final char FIRST_PRIVATE = '\uE000';
    private static final char LAST_PRIVATE = '\uF8FF';

    private final ChatTemplate template;
    private final Tokenizer tokenizer;
    private final RenderOptions options;

    /**
     * Prompts of a model.
     *
     * @param template its template
     * @param tokenizer its tokenizer
     * @param options what the template gets besides the messages
     */
    public ChatPrompt(ChatTemplate template, Tokenizer tokenizer, RenderOptions options) {
        this.template = template;
        this.tokenizer = tokenizer;
        this.options = options;
    }

    /**
     * The tokens to continue. Templates of Hugging Face write the begin-of-text token themselves, many of those in GGUF
     * files leave it to the tokenizer: it is put in front where the model wants it and the template did not write it.
     *
     * @throws TemplateException if the template does not accept the conversation
     */
    public int[] tokens(List<ChatMessage> messages) {
        String rendered = template.render(messages, options);
        char mark = unusedIn(rendered + messages);
        List<ChatMessage> shielded = messages.stream().map(message -> shield(message, mark)).toList();
        String text = shielded.equals(messages) ? rendered : template.render(shielded, options);
        return withBegin(tokenizer.encode(text, EncodeOptions.TEMPLATE, mark));
    }

    /** A character that no text has; where all are used, the last, which then is dropped from the texts. */
    private static char unusedIn(String text) {
        char candidate = FIRST_PRIVATE;
        while (candidate < LAST_PRIVATE && text.indexOf(candidate) >= 0) {
            candidate++;
        }
        return candidate;
    }

    private ChatMessage shield(ChatMessage message, char mark) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        message.fields().forEach(
                (name, value) -> fields.put(name, name.equals("role") ? value : shielded(value, mark)));
        return new ChatMessage(fields);
    }

    private @Nullable Object shielded(@Nullable Object value, char mark) {
        if (value instanceof String text) {
            return tokenizer.shield(text, mark);
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> items = new ArrayList<>();
            list.forEach(item -> items.add(shielded(item, mark)));
            return items;
        }
        if (value instanceof Map<?, ?> map) {
            Map<Object, @Nullable Object> entries = new LinkedHashMap<>();
            map.forEach((name, item) -> entries.put(
                    name instanceof String key ? tokenizer.shield(key, mark) : name, shielded(item, mark)));
            return entries;
        }
        return value;
    }

    private int[] withBegin(int[] tokens) {
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
}
