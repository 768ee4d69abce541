package dev.pillion.model.template;

import static dev.pillion.model.template.Rendering.assertRenders;
import static dev.pillion.model.template.Rendering.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.model.template.TemplateException.Kind;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no template, what a template must not do with a value, and where the message says it is. */
class ErrorTest {
    @ParameterizedTest
    @ValueSource(strings = {
        "{% if %}a{% endif %}", "{% foo %}", "{% endif %}", "{{ ", "{% if true %}", "{{ 1 }", "{{ (1 }}", "{{ 1) }}",
        "{{ \"abc }}", "{{ a b }}", "{{ }}", "{% set true = 1 %}", "{% for x %}{% endfor %}", "{% for x in l %}",
        "{# abc", "{% raw %}x", "{% include \"x\" %}", "{% macro m(a=1, b) %}{% endmacro %}", "{{ x! }}", "{{ 1 if }}",
        "{% else %}", "{% set x = %}", "{% set x 5 %}", "{{ a.|b }}", "{{ f(a=1, 2) }}", "{% break %}",
        "{{ \"a\" is string is string }}", "{{ 007 }}", "{{ 99999999999999999999 }}", "{{ \"\\x4\" }}",
        "{% for x in l %}{% set y %}{% break %}{% endset %}{% endfor %}", "{% if 1 %}{% endfor %}"
    })
    void textsThatAreNoTemplates(String template) {
        assertThat(failure(template).kind()).as(template).isEqualTo(Kind.SYNTAX);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '§', quoteCharacter = '`', value = {
        "1 + \"a\" § unsupported operand types for +: 'int' and 'str'",
        "\"a\" + 1 § can only concatenate str (not \"int\") to str",
        "zz + 1 § 'zz' is undefined",
        "zz.a § 'zz' is undefined",
        "zz[\"a\"] § 'zz' is undefined",
        "zz() § 'zz' is undefined",
        "5() § 'int' object is not callable",
        "d.x.y § 'dict object' has no attribute 'x'",
        "none.x.y § 'None' has no attribute 'x'",
        "none|length § object of type 'NoneType' has no len()",
        "1 // 0 § division by zero",
        "1 % 0 § division by zero",
        "\"a\" in 5 § 'int' object is not iterable",
        "1 in \"a\" § 'in <string>' requires string as left operand, not int",
        "\"a\" < 1 § '<' not supported between instances of 'str' and 'int'",
        "[3, \"a\"]|sort § '<' not supported between instances of",
        "-\"a\" § bad operand type for a sign: 'str'",
        "zz|tojson § object of type Undefined is not JSON serializable",
        "none|list § 'NoneType' object is not iterable",
        "no|items § can only get item pairs from a mapping",
        "l|nofilter § no filter named 'nofilter'",
        "l is notest § no test named 'notest'",
        "\"a\"|replace(\"a\") § filter replace needs the argument 'new'",
        "s|upper(1) § filter upper takes at most 0 arguments",
        "s|default(foo=1) § no such named argument",
        "s.split(\"\") § empty separator",
        "[].pop() § pop from an empty list",
        "{[1]: 2} § a dict key of type 'list'",
        "l[\"a\":] § slice bounds must be integers",
        "l[::0] § slice step cannot be zero",
        "(l|map(\"string\"))|length § object of type 'generator' has no len()",
        "9223372036854775807 + 1 § does not fit 64 bits",
        "\"x\"|from_json § filter from_json",
    })
    void operationsThatAValueDoesNotAllow(String expression, String problem) {
        TemplateException failure = failure("{{ " + expression + " }}");
        assertThat(failure.kind()).as(expression).isEqualTo(Kind.EVALUATION);
        assertThat(failure).as(expression).hasMessageContaining(problem);
    }

    @Test
    void macrosCheckTheirArguments() {
        String macro = "{% macro m(a) %}{{ a }}{% endmacro %}";
        assertThat(failure(macro + "{{ m(1, 2) }}")).hasMessageContaining("takes not more than 1 arguments");
        assertThat(failure(macro + "{{ m(z=2) }}")).hasMessageContaining("no argument named 'z'");
        assertThat(failure(macro + "{{ m(1, a=2) }}")).hasMessageContaining("two values for 'a'");
        assertThat(failure(macro + "{% call m(1) %}{% endcall %}")).hasMessageContaining("no argument named 'caller'");
    }

    @Test
    void unpackingNeedsAsManyNamesAsValues() {
        assertThat(failure("{% for a, b in [(1, 2, 3)] %}{% endfor %}"))
                .hasMessageContaining("cannot unpack 3 values into 2 names");
    }

    @Test
    void refusalsAreToldApartFromFaults() {
        TemplateException failure = failure("{{ raise_exception('Only ' ~ n ~ ' messages') }}");
        assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
        assertThat(failure).hasMessageContaining("Only 5 messages");
        assertRenders("{% if false %}{{ raise_exception('never') }}{% endif %}fine", "fine");
    }

    @Test
    void messagesSayLineAndColumn() {
        TemplateException failure = failure("a\n{% if true %}\n  {{ 1 + s }}\n{% endif %}");
        assertThat(failure.line()).isEqualTo(3);
        assertThat(failure.column()).isEqualTo(8);
        assertThat(failure).hasMessageStartingWith("chat template line 3, column 8: ");
        TemplateException syntax = failure("a\r\nb {% nonsense %}");
        assertThat(syntax.line()).isEqualTo(2);
        assertThat(syntax.column()).isEqualTo(6);
    }

    @Test
    void timesAreFormattedAsInC() {
        assertRenders("{{ strftime_now('%Y-%m-%d %H:%M:%S %B %b %d %A %a %j %p %I %y %%') }}",
                "2025-03-07 14:05:09 March Mar 07 Friday Fri 066 PM 02 25 %");
        assertRenders("{{ strftime_now('%-d/%-m') }}", "7/3");
        assertThat(failure("{{ strftime_now('%Q') }}")).hasMessageContaining("%Q");
    }

    @Test
    void joinerSeparatesFromTheSecondCallOn() {
        assertRenders("{% set j = joiner('; ') %}{% for x in l %}{{ j() }}{{ x }}{% endfor %}", "3; 1; 2");
    }

    @Test
    void valuesOfOtherJavaTypesAreTheCallersMistake() {
        ChatTemplate template = ChatTemplate.parse("{{ x }}");
        assertThatThrownBy(() -> template.render(
                        List.of(), RenderOptions.DEFAULT.withVariable("x", new AtomicInteger())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("x holds a java.util.concurrent.atomic.AtomicInteger");
    }
}
