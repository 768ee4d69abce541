package dev.pillion.model.template;

import static dev.pillion.model.template.Rendering.assertRenders;

import org.junit.jupiter.api.Test;

/** White space around tags with trim_blocks and lstrip_blocks; the expected texts are what Jinja2 3.1.6 writes. */
class WhiteSpaceTest {
    @Test
    void blockTagsTakeTheirLine() {
        assertRenders("  {% if true %}\n  a\n  {% endif %}\nb", "  a\nb");
        assertRenders("{% if true %}\n{% if true %}\nx\n{% endif %}\n{% endif %}\n", "x\n");
        assertRenders("{% set x = 1 %}\n\n{{ x }}\n\n", "\n1\n");
        assertRenders("line1\n\t{% if true %}tab{% endif %}\n", "line1\ntab");
        assertRenders("x  {% if true %} y {% endif %} z", "x   y  z");
        assertRenders("a{% if true %}\n\nb{% endif %}", "a\nb");
    }

    @Test
    void plusKeepsWhiteSpace() {
        assertRenders("  {%+ if true %}\n  a\n  {%+ endif +%}\nb", "    a\n  \nb");
    }

    @Test
    void minusTakesAllWhiteSpace() {
        assertRenders("a\n  {%- if true -%}\n  b\n  {%- endif -%}\n  c", "abc");
        assertRenders("a {{- \" b \" -}} c", "a b c");
        assertRenders("{{ 'x' -}}   \n y", "xy");
        assertRenders("{%- for i in range(3) %} {{- i -}} {% endfor -%}", "012");
        assertRenders("a\n{#- c -#}\nb", "ab");
    }

    @Test
    void printTagsTakeNothing() {
        assertRenders("  {{ 1 }}\n{{ 2 }}\n", "  1\n2");
        assertRenders("{{ 1 }}{# a #}\n{{ 2 }}", "12");
    }

    @Test
    void comments() {
        assertRenders("a {# c #} b", "a  b");
        assertRenders("  {# c #}\nb", "b");
        assertRenders("{# {{ x }} {% if %} #}y", "y");
    }

    @Test
    void raw() {
        assertRenders("{% raw %}{{ x }}{% y %}{% endraw %}", "{{ x }}{% y %}");
        assertRenders("{% raw -%}  a {%- endraw %}  b", "a  b");
        assertRenders("a {%- raw %} x {% endraw -%} b", "a x b");
        assertRenders("  {% raw %}\n x\n  {% endraw %}\ny", "\n x\ny");
    }

    @Test
    void lineEndsAreNormalised() {
        assertRenders("a\r\nb\rc\n", "a\nb\nc");
        assertRenders("a\n\n", "a\n");
    }

    @Test
    void bracesInsideTags() {
        assertRenders("{{ {\"a\": {\"b\": 1}}[\"a\"][\"b\"] }}", "1");
        assertRenders("{{ {\"a\":{}} }}", "{'a': {}}");
        assertRenders("{%set x=1%}{{x}}{%if x%}y{%endif%}", "1y");
        assertRenders("{{-1}}", "1");
    }
}
