package dev.pillion.model.template;

import static dev.pillion.model.template.Rendering.assertRenders;

import org.junit.jupiter.api.Test;

/** Filters; the expected texts are what Jinja2 3.1.6 writes. */
class FilterTest {
    @Test
    void defaults() {
        assertRenders("{{ zz|default(\"x\") }}", "x");
        assertRenders("{{ e|default(\"x\") }}", "");
        assertRenders("{{ e|default(\"x\", true) }}", "x");
        assertRenders("{{ none|default(\"x\") }}", "None");
        assertRenders("{{ no|d(\"y\", true) }}", "y");
        assertRenders("{{ zz|d }}", "");
        assertRenders("{{ zz|default(default_value=1) }}", "1");
    }

    @Test
    void numbers() {
        assertRenders("{{ \"42\"|int }}", "42");
        assertRenders("{{ \"4.7\"|int }}", "4");
        assertRenders("{{ \"x\"|int }}", "0");
        assertRenders("{{ \"x\"|int(9) }}", "9");
        assertRenders("{{ \" 12 \"|int }}", "12");
        assertRenders("{{ \"ff\"|int(0, 16) }}", "255");
        assertRenders("{{ \"0x1f\"|int(0, 16) }}", "31");
        assertRenders("{{ 4.9|int }}", "4");
        assertRenders("{{ -4.9|int }}", "-4");
        assertRenders("{{ true|int }}", "1");
        assertRenders("{{ none|int }}", "0");
        assertRenders("{{ \"1.5\"|float }}", "1.5");
        assertRenders("{{ \"x\"|float }}", "0.0");
        assertRenders("{{ 3|float }}", "3.0");
        assertRenders("{{ \"inf\"|float }}", "inf");
        assertRenders("{{ -3|abs }}", "3");
        assertRenders("{{ 2.5|round }}", "2.0");
        assertRenders("{{ 3.5|round }}", "4.0");
        assertRenders("{{ 2.567|round(2) }}", "2.57");
        assertRenders("{{ 2.561|round(2, \"ceil\") }}", "2.57");
        assertRenders("{{ -2.5|round(0, \"floor\") }}", "-3.0");
        assertRenders("{{ 2|round }}", "2");
    }

    @Test
    void letters() {
        assertRenders("{{ s|upper }}", "HELLO WORLD");
        assertRenders("{{ s|lower }}", "hello world");
        assertRenders("{{ \"hELLO\"|capitalize }}", "Hello");
        assertRenders("{{ \"hello wORLD foo-bar(baz)\"|title }}", "Hello World Foo-Bar(Baz)");
        assertRenders("{{ none|upper }}", "NONE");
        assertRenders("{{ uni|upper }}", "STRASSE FI İ");
        assertRenders("{{ \"ß\"|upper }}", "SS");
        assertRenders("{{ 123|string }}", "123");
        assertRenders("{{ \"a\"|string }}", "a");
    }

    @Test
    void whiteSpace() {
        assertRenders("{{ \"  x \"|trim }}", "x");
        assertRenders("{{ \"xxaxx\"|trim(\"x\") }}", "a");
        assertRenders("{{ \"\\u3000x\\u2003\"|trim }}", "x");
        assertRenders("{{ ws|trim }}", "a b\t c");
        assertRenders("{{ \"x\"|center(5) ~ \"|\" }}", "  x  |");
        assertRenders("{{ \"xy\"|center(5) ~ \"|\" }}", "  xy |");
        assertRenders("{{ \"xyz\"|center(6) ~ \"|\" }}", " xyz  |");
    }

    @Test
    void indent() {
        assertRenders("{{ \"a\\nb\\n\\nc\"|indent }}", "a\n    b\n\n    c");
        assertRenders("{{ \"a\\nb\\n\\nc\"|indent(2, true) }}", "  a\n  b\n\n  c");
        assertRenders("{{ \"a\\nb\\n\\nc\"|indent(2, blank=true) }}", "a\n  b\n  \n  c");
        assertRenders("{{ \"a\\nb\"|indent(\"> \") }}", "a\n> b");
        assertRenders("{{ \"a\\n\"|indent(first=true) }}", "    a\n");
        assertRenders("{{ \"a\\r\\nb\"|indent(1) }}", "a\n b");
    }

    @Test
    void replace() {
        assertRenders("{{ \"aXbX\"|replace(\"X\", \"y\") }}", "ayby");
        assertRenders("{{ \"aXbX\"|replace(\"X\", \"y\", 1) }}", "aybX");
        assertRenders("{{ 123|replace(2, \"z\") }}", "1z3");
        assertRenders("{{ \"ab\"|replace(\"\", \"-\") }}", "-a-b-");
        assertRenders("{{ emo|replace(\"\", \"-\") }}", "-a-😀-b-");
    }

    @Test
    void safeTextEscapesWhatIsAddedToIt() {
        assertRenders("{{ \"a<b\"|e }}", "a&lt;b");
        assertRenders("{{ \"a<b\"|escape ~ \"<\" }}", "a&lt;b<");
        assertRenders("{{ (\"a\"|safe) + \"<b>\" }}", "a&lt;b&gt;");
        assertRenders("{{ \"<\" + (\"a\"|safe) }}", "&lt;a");
        assertRenders("{{ (\"<a\"|safe) ~ \"<b\" }}", "<a<b");
        assertRenders("{{ (\"<x>\"|safe)|tojson }}", "\"<x>\"");
        assertRenders("{{ [\"<\"|safe] }}", "[Markup('<')]");
        assertRenders("{{ \"a\"|safe is string }}", "True");
        assertRenders("{{ (\"a<\"|safe).upper() + \"<\" }}", "A<&lt;");
    }

    @Test
    void sequences() {
        assertRenders("{{ l|first }}", "3");
        assertRenders("{{ l|last }}", "2");
        assertRenders("{{ []|first }}", "");
        assertRenders("{{ \"abc\"|last }}", "c");
        assertRenders("{{ l|reverse|list }}", "[2, 1, 3]");
        assertRenders("{{ s|reverse }}", "dlroW olleH");
        assertRenders("{{ l|length }}", "3");
        assertRenders("{{ d|length }}", "3");
        assertRenders("{{ e|count }}", "0");
        assertRenders("{{ \"añ😀\"|list }}", "['a', 'ñ', '😀']");
        assertRenders("{{ d|list }}", "['b', 'a', 'items']");
        assertRenders("{{ l|min }}", "1");
        assertRenders("{{ l|max }}", "3");
        assertRenders("{{ ls|min }}", "A");
        assertRenders("{{ l|sum }}", "6");
        assertRenders("{{ users|selectattr(\"age\")|sum(attribute=\"age\") }}", "12");
        assertRenders("{{ [1, 2, 3, 4, 5]|batch(2)|list }}", "[[1, 2], [3, 4], [5]]");
        assertRenders("{{ [1, 2, 3]|batch(2, \"x\")|list }}", "[[1, 2], [3, 'x']]");
    }

    @Test
    void sorting() {
        assertRenders("{{ l|sort }}", "[1, 2, 3]");
        assertRenders("{{ l|sort(reverse=true) }}", "[3, 2, 1]");
        assertRenders("{{ ls|sort }}", "['A', 'b', 'c']");
        assertRenders("{{ ls|sort(case_sensitive=true) }}", "['A', 'b', 'c']");
        assertRenders("{{ ls|sort(reverse=true) }}", "['c', 'b', 'A']");
        assertRenders("{{ users|sort(attribute=\"name\")|map(attribute=\"name\")|list }}", "['al', 'Bob', 'Cy']");
        assertRenders("{{ {\"B\": 1, \"a\": 2}|dictsort }}", "[('a', 2), ('B', 1)]");
        assertRenders("{{ {\"B\": 1, \"a\": 2}|dictsort(true) }}", "[('B', 1), ('a', 2)]");
        assertRenders("{{ {\"B\": 1, \"a\": 2}|dictsort(false, \"value\", true) }}", "[('a', 2), ('B', 1)]");
        assertRenders("{{ [1, 1, 2, \"a\", \"A\"]|unique|list }}", "[1, 2, 'a']");
        assertRenders("{{ [\"\\ue000\", \"😀\"]|sort }}", "['\\ue000', '😀']");
    }

    @Test
    void joining() {
        assertRenders("{{ l|join }}", "312");
        assertRenders("{{ l|join(\"-\") }}", "3-1-2");
        assertRenders("{{ users|join(\",\", attribute=\"name\") }}", "Bob,al,Cy");
        assertRenders("{{ {\"a\": 1, \"b\": 2}|join(\",\") }}", "a,b");
        assertRenders("{{ \"abc\"|join(\".\") }}", "a.b.c");
        assertRenders("{{ [none, true, 1.5]|join(\"|\") }}", "None|True|1.5");
    }

    @Test
    void mapping() {
        assertRenders("{{ users|map(attribute=\"name\")|list }}", "['Bob', 'al', 'Cy']");
        assertRenders("{{ users|map(attribute=\"age\", default=0)|list }}", "[3, 9, 0]");
        assertRenders("{{ users|map(attribute=\"age\")|list }}", "[3, 9, Undefined]");
        assertRenders("{{ [\"a\", \"b\"]|map(\"upper\")|list }}", "['A', 'B']");
        assertRenders("{{ [\"a\", \"b\"]|map(\"replace\", \"a\", \"z\")|join }}", "zb");
        assertRenders("{{ d|items|list }}", "[('b', 1), ('a', 'x'), ('items', [1])]");
        assertRenders("{{ [{\"f\": {\"n\": 1}}]|map(attribute=\"f.n\")|list }}", "[1]");
        assertRenders("{{ [[1, 2]]|map(attribute=1)|list }}", "[2]");
        assertRenders("{{ none|map(\"upper\")|list }}", "[]");
    }

    @Test
    void selecting() {
        assertRenders("{{ users|selectattr(\"age\")|list|length }}", "2");
        assertRenders("{{ users|selectattr(\"age\", \"defined\")|map(attribute=\"name\")|join(\",\") }}", "Bob,al");
        assertRenders(
                "{{ users|rejectattr(\"name\", \"equalto\", \"Bob\")|map(attribute=\"name\")|join(\"/\") }}",
                "al/Cy");
        assertRenders(
                "{{ users|selectattr(\"age\")|selectattr(\"age\", \">\", 3)|list }}",
                "[{'name': 'al', 'age': 9}]");
        assertRenders("{{ [1, 0, 2]|select|list }}", "[1, 2]");
        assertRenders("{{ [1, 2, 3, 4]|select(\"even\")|list }}", "[2, 4]");
        assertRenders("{{ [1, 2, 3, 4]|reject(\"divisibleby\", 2)|list }}", "[1, 3]");
        assertRenders("{{ [none, 1]|select(\"none\")|list }}", "[None]");
        assertRenders("{{ none|select|list }}", "[]");
        assertRenders("{{ 0|reject|list }}", "[]");
    }

    @Test
    void aSelectionIsWalkedOnceAndAlwaysTrue() {
        assertRenders("{% set g = l|map(\"string\") %}{{ g|list }}{{ g|list }}", "['3', '1', '2'][]");
        assertRenders("{% if l|select(\"none\") %}yes{% endif %}", "yes");
        assertRenders("{{ (l|map(\"string\")) is sequence }}{{ (l|map(\"string\")) is iterable }}", "FalseTrue");
    }
}
