package dev.pillion.model.template;

import static dev.pillion.model.template.Rendering.assertRenders;

import org.junit.jupiter.api.Test;

/** Methods of strings, lists and dicts; the expected texts are what Python 3 writes. */
class MethodTest {
    @Test
    void stripping() {
        assertRenders("{{ ws.strip() }}", "a b\t c");
        assertRenders("{{ ws.lstrip() }}", "a b\t c \n");
        assertRenders("{{ ws.rstrip() }}", "  a b\t c");
        assertRenders("{{ s.strip(\"Hd\") }}", "ello Worl");
        assertRenders("{{ s.lstrip(\"He\") }}", "llo World");
        assertRenders("{{ \"a\\n\\n\".rstrip(\"\\n\") }}", "a");
        assertRenders("{{ \"\\u3000x\\u2003\".strip() }}", "x");
        assertRenders("{{ s.removeprefix(\"Hello \") }}", "World");
        assertRenders("{{ s.removesuffix(\"ld\") }}", "Hello Wor");
    }

    @Test
    void splitting() {
        assertRenders("{{ s.split() }}", "['Hello', 'World']");
        assertRenders("{{ s.split(\"o\") }}", "['Hell', ' W', 'rld']");
        assertRenders("{{ s.split(\"o\", 1) }}", "['Hell', ' World']");
        assertRenders("{{ s.rsplit(\"o\", 1) }}", "['Hello W', 'rld']");
        assertRenders("{{ ws.split() }}", "['a', 'b', 'c']");
        assertRenders("{{ ws.split(none, 1) }}", "['a', 'b\\t c \\n']");
        assertRenders("{{ ws.rsplit(none, 1) }}", "['  a b', 'c']");
        assertRenders("{{ \"\".split() }}", "[]");
        assertRenders("{{ \"\".split(\",\") }}", "['']");
        assertRenders("{{ \"a,,b\".split(\",\") }}", "['a', '', 'b']");
        assertRenders("{{ s.partition(\" \") }}", "('Hello', ' ', 'World')");
        assertRenders("{{ s.partition(\"zz\") }}", "('Hello World', '', '')");
        assertRenders("{{ s.rpartition(\"o\") }}", "('Hello W', 'o', 'rld')");
        assertRenders("{{ ml.splitlines() }}", "['l1', 'l2', '', 'l4']");
        assertRenders("{{ ml.splitlines(true) }}", "['l1\\n', 'l2\\n', '\\n', 'l4\\n']");
    }

    @Test
    void searching() {
        assertRenders("{{ s.startswith(\"He\") }}", "True");
        assertRenders("{{ s.startswith((\"x\", \"H\")) }}", "True");
        assertRenders("{{ s.endswith(\"ld\") }}", "True");
        assertRenders("{{ s.find(\"o\") }}", "4");
        assertRenders("{{ s.rfind(\"o\") }}", "7");
        assertRenders("{{ s.find(\"zz\") }}", "-1");
        assertRenders("{{ emo.find(\"b\") }}", "2");
        assertRenders("{{ s.count(\"l\") }}", "3");
        assertRenders("{{ s.count(\"\") }}", "12");
        assertRenders("{{ s.index(\"W\") }}", "6");
    }

    @Test
    void changingText() {
        assertRenders("{{ s.upper() }}", "HELLO WORLD");
        assertRenders("{{ s.lower() }}", "hello world");
        assertRenders("{{ s.title() }}", "Hello World");
        assertRenders("{{ \"they're\".title() }}", "They'Re");
        assertRenders("{{ s.capitalize() }}", "Hello world");
        assertRenders("{{ s.replace(\"l\", \"L\") }}", "HeLLo WorLd");
        assertRenders("{{ s.replace(\"l\", \"L\", 1) }}", "HeLlo World");
        assertRenders("{{ s.replace(\"\", \"-\") }}", "-H-e-l-l-o- -W-o-r-l-d-");
        assertRenders("{{ emo.replace(\"\", \"-\") }}", "-a-😀-b-");
        assertRenders("{{ \"-\".join([\"a\", \"b\"]) }}", "a-b");
        assertRenders("{{ \"x\".join(\"abc\") }}", "axbxc");
        assertRenders("{{ \"x\".zfill(4) }}", "000x");
        assertRenders("{{ \"-5\".zfill(4) }}", "-005");
        assertRenders("{{ \"x\".ljust(3) ~ \"|\" }}", "x  |");
        assertRenders("{{ \"x\".rjust(3, \"*\") }}", "**x");
    }

    @Test
    void askingText() {
        assertRenders("{{ \"abc\".isalpha() }}", "True");
        assertRenders("{{ \"12\".isdigit() }}", "True");
        assertRenders("{{ \" \".isspace() }}", "True");
        assertRenders("{{ \"aB\".islower() }}", "False");
        assertRenders("{{ \"ab\".islower() }}", "True");
        assertRenders("{{ \"AB1\".isupper() }}", "True");
        assertRenders("{{ \"\".isalpha() }}", "False");
        assertRenders("{{ \"a1\".isalnum() }}", "True");
    }

    @Test
    void dicts() {
        assertRenders("{{ d.get(\"a\") }}", "x");
        assertRenders("{{ d.get(\"q\") }}", "None");
        assertRenders("{{ d.get(\"q\", \"z\") }}", "z");
        assertRenders("{{ d.get(zz, 1) }}", "1");
        assertRenders("{{ d.keys()|list }}", "['b', 'a', 'items']");
        assertRenders("{{ d.values()|list }}", "[1, 'x', [1]]");
        assertRenders("{{ d.items()|list }}", "[('b', 1), ('a', 'x'), ('items', [1])]");
        assertRenders("{{ d.items()|length }}", "3");
        assertRenders("{{ dict(a=1, b=2) }}", "{'a': 1, 'b': 2}");
        assertRenders("{{ dict({\"x\": 1}, y=2) }}", "{'x': 1, 'y': 2}");
        assertRenders("{{ dict([(\"a\", 1)]) }}", "{'a': 1}");
    }

    @Test
    void listsChangeInPlace() {
        assertRenders(
                "{% set a = [] %}{% for x in l %}{% set _ = a.append(x) %}"
                        + "{% endfor %}{{ a }}{{ a.pop() }}{{ a.pop(0) }}{{ a }}",
                "[3, 1, 2]23[1]");
        assertRenders("{% set x = [1] %}{% set y = x %}{% set _ = y.append(2) %}{{ x }}", "[1, 2]");
        assertRenders(
                "{% set a = [1] %}{% set _ = a.extend([2, 3]) %}"
                        + "{% set _ = a.insert(0, 9) %}{{ a }}{{ a.index(3) }}{{ a.count(9) }}",
                "[9, 1, 2, 3]31");
        assertRenders(
                "{% set a = {} %}{% set _ = a.update({\"k\": 1}) %}"
                        + "{{ a }}{{ a.pop(\"k\") }}{{ a }}{{ a.setdefault(\"z\", 3) }}",
                "{'k': 1}1{}3");
    }
}
