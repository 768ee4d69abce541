package dev.pillion.model.template;

import static dev.pillion.model.template.Rendering.assertRenders;
import static dev.pillion.model.template.Rendering.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pillion.model.template.TemplateException.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an untrusted template cannot do: reach objects, change its input, or use more than its share. */
class SandboxTest {
    private static final TemplateLimits FEW_STEPS =
            new TemplateLimits(1 << 20, 16 << 20, 256L << 20, 2_000_000, 250, 100_000);

    @ParameterizedTest
    @ValueSource(strings = {
        "s.__class__", "s['__class__']", "d.__class__", "l.class", "s.getClass", "s.format", "range.__globals__",
        "namespace.__init__", "loop", "self", "messages.__class__", "n.real"
    })
    void valuesShowNothingOfTheirImplementation(String expression) {
        assertRenders("{{ " + expression + " is undefined }}", "True");
    }

    @Test
    void theCallersValuesStayAsTheyAre() {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>(Map.of("role", "user", "content", "x"));
        fields.put("parts", new ArrayList<>(List.of("a")));
        ChatTemplate template = ChatTemplate.parse(
                "{% set _ = messages[0].parts.append('b') %}"
                        + "{% set _ = messages[0].update({'role': 'y'}) %}{{ messages }}");
        String first = template.render(List.of(new ChatMessage(fields)), RenderOptions.DEFAULT);
        assertThat(first).contains("['a', 'b']").contains("'role': 'y'");
        assertThat(fields).containsEntry("parts", List.of("a")).containsEntry("role", "user");
        assertThat(template.render(List.of(new ChatMessage(fields)), RenderOptions.DEFAULT)).isEqualTo(first);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{{ 'ab' * 100000000 }}",
        "{{ 'ab' * 9223372036854775807 }}",
        "{{ ('a' * 10000)|replace('a', 'b' * 10000) }}",
        "{{ ('a,' * 10000).replace(',', 'b' * 10000) }}",
        "{{ (['a' * 10000] * 10000)|join }}",
        "{{ ('b' * 10000).join(('a,' * 10000).split(',')) }}",
        "{{ ('\\n' * 10000)|indent('a' * 10000, blank=true) }}",
        "{{ [1]|tojson(indent=2000000000) }}",
        "{{ 'a'.ljust(2000000000) }}",
        "{{ 'a'|center(2000000000) }}",
        "{{ 'a'.zfill(2000000000) }}",
        "{% set a = 'x' * 1000000 %}{% for i in range(100) %}{{ a }}{% endfor %}",
        "{% set ns = namespace(a='x') %}{% for i in range(100) %}{% set ns.a = ns.a + ns.a %}{% endfor %}",
        "{% set ns = namespace(a=['x']) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a }}"
    })
    void textsAreBounded(String template) {
        assertThat(failure(template)).hasMessageContaining("over the limit: text longer than 16777216 characters");
    }

    @Test
    void allTextsTogetherAreBounded() {
        assertThat(failure("{% set a = 'x' * 10000000 %}{% for i in range(100) %}{% set b = a ~ i %}{% endfor %}"))
                .hasMessageContaining("characters of text in total");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
        "{{ [1] * 9223372036854775807 }}",
        "{{ ([0] * 1000000 + [0] * 1000000) * 100 }}",
        "{{ ('x' * 16000000)|list }}",
        "{{ ('x' * 16000000).split('x') }}",
        "{{ (' x' * 8000000).split() }}",
        "{{ ('\\n' * 16000000).splitlines() }}",
        "{{ ('x' * 16000000)[::-1] }}",
        "{{ [1]|batch(1000000000, 0)|list }}",
        "{% set a = '[' ~ '0,' * 8000000 ~ '0]' %}{% for i in range(3) %}{% set b = a|from_json %}{% endfor %}",
        "{% set a = 'x' * 16000000 %}{% for i in range(1000) %}{{ a == 'x' * 16000000 }}{% endfor %}",
        "{% set a = 'x' * 8000000 %}{% for i in range(1000) %}{{ ('x' * 1000 ~ 'y') in a }}{% endfor %}",
        "{% set l = range(100000)|list %}{% for i in range(1000) %}{% set s = l|sort %}{% endfor %}",
        "{% set l = range(100000)|list %}{% for i in range(1000) %}{% for x in l %}{% break %}{% endfor %}{% endfor %}",
        "{% set n = namespace(a=[], b=[]) %}{% for i in range(60) %}"
                + "{% set n.a = [n.a, n.a] %}{% set n.b = [n.b, n.b] %}{% endfor %}{{ n.a == n.b }}",
        "{% set l = [] %}{% set _ = l.append(l) %}{{ ([l] * 100000)|map(attribute='0' ~ '.0' * 100000)|list }}",
    })
    void workIsBounded(String template) {
        ChatTemplate parsed = ChatTemplate.parse(template, FEW_STEPS);
        TemplateException failure = catchThrowableOfType(
                TemplateException.class, () -> parsed.render(List.of(), RenderOptions.DEFAULT));
        assertThat(failure.kind()).as(failure.getMessage()).isEqualTo(Kind.LIMIT);
        assertThat(failure).hasMessageContaining("over the limit: more than ");
    }

    @Test
    void rangesAreBounded() {
        assertRenders("{{ range(100000)|length }}", "100000");
        for (String range : List.of("range(100001)", "range(0, 9223372036854775807, 2)", "range(0, -200000, -1)")) {
            assertThat(failure("{{ " + range + " }}")).hasMessageContaining("range() of more than 100000 elements");
        }
    }

    @Test
    void aTemplateIsBounded() {
        assertThat(failure("x".repeat((1 << 20) + 1))).hasMessageContaining("more than 1048576");
    }

    @Test
    void limitsCanBeSet() {
        TemplateLimits limits = new TemplateLimits(1000, 10, 1000, 1000, 50, 10);
        ChatTemplate template = ChatTemplate.parse("{{ 'x' * n }}", limits);
        assertThat(template.render(List.of(), RenderOptions.DEFAULT.withVariable("n", 5))).isEqualTo("xxxxx");
        TemplateException failure = catchThrowableOfType(
                TemplateException.class,
                () -> template.render(List.of(), RenderOptions.DEFAULT.withVariable("n", 11)));
        assertThat(failure).hasMessageContaining("text longer than 10 characters");
        assertThatThrownBy(() -> new TemplateLimits(1000, 10, 1000, 1000, 10_000, 10))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Every way to nest, far deeper than the limits; a fault other than the limit would be a stack overflow. */
    static List<String> nested() {
        int times = 20_000;
        return List.of(
                "{{ " + "(".repeat(times) + "1" + ")".repeat(times) + " }}",
                "{{ " + "[".repeat(times) + "]".repeat(times) + " }}",
                "{{ " + "{1:".repeat(times) + "1" + "}".repeat(times) + " }}",
                "{{ " + "not ".repeat(times) + "1 }}",
                "{{ " + "-".repeat(times) + "1 }}",
                "{{ 1" + "+(1".repeat(times) + ")".repeat(times) + " }}",
                "{{ d" + ".b".repeat(times) + " }}",
                "{{ 'a'" + "|trim".repeat(times) + " }}",
                "{{ 0" + " or 0".repeat(times) + " }}",
                "{{ " + "1 if 0 else ".repeat(times) + "2 }}",
                "{% if 1 %}".repeat(times) + "{% endif %}".repeat(times),
                "{% set " + "(".repeat(times) + "a" + ")".repeat(times) + " = 1 %}",
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{% macro f(n=f()) %}{% endmacro %}{{ f() }}",
                "{% macro f() %}{{ caller() }}{% endmacro %}"
                        + "{% macro g() %}{% call f() %}{{ g() }}{% endcall %}{% endmacro %}{{ g() }}",
                "{% set l = [] %}{% set _ = l.append(l) %}{% for x in l recursive %}{{ loop(x) }}{% endfor %}",
                "{% set l = [] %}{% set _ = l.append(l) %}{{ l }}",
                "{% set l = {} %}{% set _ = l.update({'a': l}) %}{{ l|tojson }}",
                "{% set l = [] %}{% set _ = l.append(l) %}{% set m = [] %}{% set _ = m.append(m) %}{{ l == m }}",
                "{% set l = [] %}{% set _ = l.append(l) %}{% set m = [] %}{% set _ = m.append(m) %}{{ l < m }}");
    }

    @ParameterizedTest
    @MethodSource("nested")
    void nestingIsBoundedWellBelowTheStack(String template) throws InterruptedException {
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(null, () -> Rendering.render(template), "half of a usual stack", 512 << 10);
        thread.setUncaughtExceptionHandler((t, e) -> thrown.set(e));
        thread.start();
        thread.join();
        assertThat(thrown.get()).isInstanceOfSatisfying(TemplateException.class, e -> {
            boolean limit = e.kind() == Kind.LIMIT && e.getMessage().contains("nested deeper than");
            assertThat(limit || e.getMessage().contains("has no attribute 'b'")).as(e.getMessage()).isTrue();
        });
    }

    @Test
    void longChainsAreNotNesting() {
        assertRenders("{{ 1" + " + 1".repeat(20_000) + " }}", "20001");
        assertRenders("{{ 'a'" + " ~ 'b'".repeat(1000) + " }}", "a" + "b".repeat(1000));
        assertRenders("{% if 0 %}" + "{% elif 0 %}".repeat(5000) + "{% else %}x{% endif %}", "x");
    }

    @Test
    void valuesFromTheCallerMayNotNestWithoutEnd() {
        List<Object> deep = List.of();
        for (int i = 0; i < 1000; i++) {
            deep = List.of(deep);
        }
        List<Object> value = deep;
        ChatTemplate template = ChatTemplate.parse("{{ x }}");
        assertThatThrownBy(() -> template.render(List.of(), RenderOptions.DEFAULT.withVariable("x", value)))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("x nests deeper than 200");
    }
}
