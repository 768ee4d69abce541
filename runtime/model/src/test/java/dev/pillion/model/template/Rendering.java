package dev.pillion.model.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Renders snippets with a fixed set of variables, which the tests of single features share. */
final class Rendering {
    /** Friday, 7 March 2025. */
    static final Clock CLOCK = Clock.fixed(Instant.parse("2025-03-07T14:05:09Z"), ZoneOffset.UTC);

    private Rendering() {}

    static String render(String template) {
        return ChatTemplate.parse(template).render(List.of(), options());
    }

    static void assertRenders(String template, String expected) {
        assertThat(render(template)).as(template).isEqualTo(expected);
    }

    static TemplateException failure(String template) {
        TemplateException failure = catchThrowableOfType(TemplateException.class, () -> render(template));
        assertThat(failure).as("failure of " + template).isNotNull();
        return failure;
    }

    static RenderOptions options() {
        RenderOptions options = RenderOptions.DEFAULT.withClock(CLOCK);
        for (Map.Entry<String, @Nullable Object> variable : variables().entrySet()) {
            options = options.withVariable(variable.getKey(), variable.getValue());
        }
        return options;
    }

    private static Map<String, @Nullable Object> variables() {
        Map<String, @Nullable Object> variables = new LinkedHashMap<>();
        variables.put("s", "Hello World");
        variables.put("e", "");
        variables.put("n", 5);
        variables.put("f", 2.5);
        variables.put("big", 1e20);
        variables.put("small", 1e-7);
        variables.put("t", true);
        variables.put("fa", false);
        variables.put("no", null);
        variables.put("l", List.of(3, 1, 2));
        variables.put("ls", List.of("b", "A", "c"));
        variables.put("d", ordered("b", 1, "a", "x", "items", List.of(1)));
        variables.put("emo", "a😀b");
        variables.put("nested", Map.of("x", Map.of("y", List.of(Map.of("z", 1), Map.of("z", 2)))));
        variables.put("users", List.of(
                ordered("name", "Bob", "age", 3), ordered("name", "al", "age", 9), Map.of("name", "Cy")));
        variables.put("q", "it's \"x\"");
        variables.put("ws", "  a b\t c \n");
        variables.put("uni", "Straße ﬁ İ");
        variables.put("ml", "l1\nl2\n\nl4\n");
        Map<String, @Nullable Object> mixed = new LinkedHashMap<>();
        mixed.put("k", null);
        mixed.put("f", 1.0);
        mixed.put("t", Arrays.asList(true, null, Map.of("a", List.of())));
        mixed.put("e", Map.of());
        variables.put("dd", mixed);
        return variables;
    }

    private static Map<String, @Nullable Object> ordered(Object... keysAndValues) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
