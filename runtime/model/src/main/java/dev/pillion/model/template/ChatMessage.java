package dev.pillion.model.template;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One message of a conversation, as the fields that a template sees.
 *
 * @param fields "role", "content" and what else the message has ("tool_calls", "reasoning_content", …); values are
 *     strings, numbers, booleans, null, lists and string-keyed maps of these
 */
public record ChatMessage(Map<String, @Nullable Object> fields) {
    /** Checks that there is a role. */
    public ChatMessage {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
        if (!(fields.get("role") instanceof String)) {
            throw new IllegalArgumentException("a chat message needs a string as \"role\"");
        }
    }

    /** Creates a message of plain text. */
    public static ChatMessage of(String role, String content) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("role", role);
        fields.put("content", content);
        return new ChatMessage(fields);
    }

    /** Returns this message with one more field, or another value for one that it has. */
    public ChatMessage with(String field, @Nullable Object value) {
        Map<String, @Nullable Object> changed = new LinkedHashMap<>(fields);
        changed.put(field, value);
        return new ChatMessage(changed);
    }

    /** Returns who speaks. */
    public String role() {
        return String.valueOf(fields.get("role"));
    }
}
