package dev.pillion.model.template;

import static dev.pillion.model.template.Rendering.assertRenders;

import org.junit.jupiter.api.Test;

/** Statements and scopes; the expected texts are what Jinja2 3.1.6 writes. */
class StatementTest {
    @Test
    void choices() {
        assertRenders("{% if n == 5 and s %}y{% elif zz %}z{% else %}w{% endif %}", "y");
        assertRenders("{% if zz %}y{% elif n == 5 %}z{% else %}w{% endif %}", "z");
        assertRenders("{% if zz %}y{% elif fa %}z{% else %}w{% endif %}", "w");
        assertRenders("{% if e %}y{% endif %}", "");
    }

    @Test
    void loopsKnowWhereTheyAre() {
        assertRenders(
                "{% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }};{% endfor %}",
                "1032;2121;3210;");
        assertRenders(
                "{% for x in l %}{{ loop.first }}{{ loop.last }}{{ loop.length }};{% endfor %}",
                "TrueFalse3;FalseFalse3;FalseTrue3;");
        assertRenders(
                "{% for x in l %}{{ loop.previtem }}<{{ x }}<{{ loop.nextitem }};{% endfor %}",
                "<3<1;3<1<2;1<2<;");
        assertRenders("{% for x in l %}{{ loop.cycle(\"a\", \"b\") }}{% endfor %}", "aba");
        assertRenders("{% for x in [1, 1, 2] %}{{ loop.changed(x) }};{% endfor %}", "True;False;True;");
        assertRenders(
                "{% for a in [1] %}{% for b in [2] %}{{ loop.depth }}{{ loop.depth0 }}{% endfor %}{% endfor %}",
                "10");
    }

    @Test
    void loopsOverEverythingIterable() {
        assertRenders("{% for k, v in d.items() %}{{ k }}={{ v }},{% endfor %}", "b=1,a=x,items=[1],");
        assertRenders("{% for k in d %}{{ k }}{% endfor %}", "baitems");
        assertRenders("{% for c in \"añ😀\" %}{{ c }}.{% endfor %}", "a.ñ.😀.");
        assertRenders("{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}", "123");
        assertRenders("{% for x in zz %}a{% else %}empty{% endfor %}", "empty");
        assertRenders("{% for x in [] %}a{% else %}b{% endfor %}", "b");
        assertRenders("{% for x in range(2, 8, 3) %}{{ x }},{% endfor %}", "2,5,");
        assertRenders("{% for x in range(3, 0, -1) %}{{ x }},{% endfor %}", "3,2,1,");
    }

    @Test
    void loopFiltersAreAskedLate() {
        assertRenders(
                "{% for x in l if x > 1 %}{{ x }}{{ loop.length }}{{ loop.last }}{% else %}n{% endfor %}",
                "32False22True");
        assertRenders(
                "{% set ns = namespace(found=false) %}{% for x in l if not ns.found %}"
                        + "{{ x }}{% set ns.found = true %}{% endfor %}",
                "3");
        assertRenders("{% for x in l if x > 9 %}{{ x }}{% else %}none{% endfor %}", "none");
    }

    @Test
    void breakAndContinue() {
        assertRenders("{% for x in l %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfor %}", "32");
        assertRenders("{% for x in l %}{% if x == 1 %}{% break %}{% endif %}{{ x }}{% endfor %}", "3");
        assertRenders(
                "{% for x in l %}{% for y in l %}{% if y == 1 %}"
                        + "{% break %}{% endif %}{{ x }}{{ y }} {% endfor %}{% endfor %}",
                "33 13 23 ");
    }

    @Test
    void recursiveLoops() {
        assertRenders(
                "{% for x in [[1, [2]], 3] recursive %}{% if x is iterable %}"
                        + "<{{ loop(x) }}{{ loop.depth }}>{% else %}{{ x }}{{ loop.depth }}{% endif %}{% endfor %}",
                "<12<232>1>31");
    }

    @Test
    void assignmentsStayInTheirBlock() {
        assertRenders("{% set x = 1 %}{% for i in l %}{{ x }}{% set x = i %}{{ x }}{% endfor %}{{ x }}", "1311121");
        assertRenders("{% if true %}{% set x = 2 %}{% endif %}{{ x }}", "2");
        assertRenders("{% if false %}{% set x = 1 %}{% endif %}[{{ x }}]", "[]");
        assertRenders("{% set a, b = 1, 2 %}{{ b }}{{ a }}", "21");
        assertRenders("{% set a = 1, 2 %}{{ a }}", "(1, 2)");
        assertRenders("{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a }}", "3");
        assertRenders("{% generation %}x{{ n }}{% set g = 1 %}{% endgeneration %}[{{ g }}]", "x5[]");
    }

    @Test
    void namespacesOutliveLoops() {
        assertRenders(
                "{% set ns = namespace(x=1) %}{% for i in l %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}",
                "7");
        assertRenders("{% set ns = namespace({\"a\": 1}, b=2) %}{{ ns.a }}{{ ns.b }}{{ ns.c is defined }}", "12False");
    }

    @Test
    void blocksOfText() {
        assertRenders("{% set x %}  hi {{ n }} {% endset %}[{{ x }}]", "[  hi 5 ]");
        assertRenders("{% set x | trim | upper %}  hi {% endset %}[{{ x }}]", "[HI]");
        assertRenders("{% filter upper %}abc {{ s }}{% endfilter %}", "ABC HELLO WORLD");
        assertRenders("{% filter trim|replace(\"a\", \"b\") %} aa {% endfilter %}", "bb");
    }

    @Test
    void macros() {
        assertRenders(
                "{% macro m(a, b=2, c=a) %}{{ a }}-{{ b }}-{{ c }}{% endmacro %}"
                        + "{{ m(1) }} {{ m(1, 3) }} {{ m(b=5, a=0) }} {{ m() }}",
                "1-2-1 1-3-1 0-5-0 -2-");
        assertRenders("{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}", "(1, 2){'x': 3}");
        assertRenders("{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}", "3210");
        assertRenders("{% macro m() %}{% set q = 5 %}{% endmacro %}{{ m() }}[{{ q }}]", "[it's \"x\"]");
        assertRenders("{{ m is defined }}{% macro m() %}{% endmacro %}{{ m is defined }}", "FalseTrue");
    }

    @Test
    void macrosSeeTheirDefinitionNotTheirCaller() {
        assertRenders("{% macro m() %}{{ y }}{% endmacro %}{% set y = 3 %}{{ m() }}", "3");
        assertRenders("{% macro m() %}[{{ i }}]{% endmacro %}{% for i in l %}{{ m() }}{% endfor %}", "[][][]");
        assertRenders("{% for i in l %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}", "312");
    }

    @Test
    void callBlocks() {
        assertRenders(
                "{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}body {{ n }}{% endcall %}",
                "[body 5]");
        assertRenders(
                "{% macro m() %}{{ caller(\"x\", 2) }}{% endmacro %}{% call(a, b) m() %}{{ a }}{{ b }}{% endcall %}",
                "x2");
    }

    @Test
    void spreadArguments() {
        assertRenders("{{ dict(*[{\"a\": 1}], **{\"b\": 2}) }}", "{'a': 1, 'b': 2}");
        assertRenders("{{ range(*[1, 3])|list }}", "[1, 2]");
    }

    @Test
    void tests() {
        assertRenders("{{ n is number }}", "True");
        assertRenders("{{ f is float }}", "True");
        assertRenders("{{ t is integer }}", "False");
        assertRenders("{{ n is integer }}", "True");
        assertRenders("{{ n is odd }}", "True");
        assertRenders("{{ 10 is divisibleby 5 }}", "True");
        assertRenders("{{ zz is undefined }}", "True");
        assertRenders("{{ no is none }}", "True");
        assertRenders("{{ l is sequence }}", "True");
        assertRenders("{{ d is sequence }}", "True");
        assertRenders("{{ d is mapping }}", "True");
        assertRenders("{{ s is iterable }}", "True");
        assertRenders("{{ n is iterable }}", "False");
        assertRenders("{{ t is boolean }}", "True");
        assertRenders("{{ t is true }}", "True");
        assertRenders("{{ n is eq 5 }}", "True");
        assertRenders("{{ n is gt 3 }}", "True");
        assertRenders("{{ n is not string }}", "True");
        assertRenders("{{ \"a\" is in \"abc\" }}", "True");
        assertRenders("{{ \"abc\" is lower }}", "True");
        assertRenders("{{ \"trim\" is filter }}", "True");
        assertRenders("{{ \"odd\" is test }}", "True");
        assertRenders("{{ 1 is sameas 1 }}", "True");
        assertRenders("{{ range is callable }}", "True");
        assertRenders("{{ 5 is not none and 5 is not string }}", "True");
    }
}
