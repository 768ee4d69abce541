package dev.pillion.model.template;

import static dev.pillion.model.template.Rendering.assertRenders;

import org.junit.jupiter.api.Test;

/** The filter tojson, which writes as json.dumps does; the expected texts are what Python 3 writes. */
class JsonFilterTest {
    @Test
    void separatorsAreThoseOfPython() {
        assertRenders("{{ d|tojson }}", "{\"b\": 1, \"a\": \"x\", \"items\": [1]}");
        assertRenders("{{ dd|tojson }}", "{\"k\": null, \"f\": 1.0, \"t\": [true, null, {\"a\": []}], \"e\": {}}");
        assertRenders("{{ []|tojson }}", "[]");
        assertRenders("{{ {}|tojson }}", "{}");
        assertRenders("{{ (1, 2)|tojson }}", "[1, 2]");
        assertRenders("{{ [1, [2, [3]]]|tojson }}", "[1, [2, [3]]]");
        assertRenders(
                "{{ dd|tojson(separators=(\",\", \":\")) }}",
                "{\"k\":null,\"f\":1.0,\"t\":[true,null,{\"a\":[]}],\"e\":{}}");
    }

    @Test
    void indentedJsonHasALinePerElement() {
        assertRenders(
                "{{ {\"a\": [1, {}], \"b\": {\"c\": none}}|tojson(indent=2) }}",
                "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {\n    \"c\": null\n  }\n}");
        assertRenders("{{ {\"a\": [1]}|tojson(indent=0) }}", "{\n\"a\": [\n1\n]\n}");
        assertRenders("{{ {\"a\": []}|tojson(indent=4) }}", "{\n    \"a\": []\n}");
        assertRenders("{{ {\"a\": [1]}|tojson(indent=\"-\") }}", "{\n-\"a\": [\n--1\n-]\n}");
    }

    @Test
    void charactersStayAsTheyAreUnlessAsciiIsAsked() {
        assertRenders("{{ uni|tojson }}", "\"Straße ﬁ İ\"");
        assertRenders("{{ emo|tojson }}", "\"a😀b\"");
        assertRenders("{{ emo|tojson(ensure_ascii=true) }}", "\"a\\ud83d\\ude00b\"");
        assertRenders("{{ q|tojson }}", "\"it's \\\"x\\\"\"");
        assertRenders("{{ \"a/b<c>&'\\u007f\\u0001\"|tojson }}", "\"a/b<c>&'\u007f\\u0001\"");
        assertRenders("{{ \"é\\u007f\"|tojson(true) }}", "\"\\u00e9\\u007f\"");
    }

    @Test
    void numbersAndKeys() {
        assertRenders("{{ 1e20|tojson }}", "1e+20");
        assertRenders("{{ 1.0|tojson }}", "1.0");
        assertRenders("{{ 1e-7|tojson }}", "1e-07");
        assertRenders("{{ {1: 2, none: 1, 1.5: 2}|tojson }}", "{\"1\": 2, \"null\": 1, \"1.5\": 2}");
        assertRenders("{{ {\"b\": 1, \"a\": 2}|tojson(sort_keys=true) }}", "{\"a\": 2, \"b\": 1}");
        assertRenders("{{ true|tojson }}", "true");
        assertRenders("{{ none|tojson }}", "null");
    }

    @Test
    void fromJsonReadsItBack() {
        assertRenders("{{ '{\"a\": [1, 2.5, null, true, \"x\"]}'|from_json }}", "{'a': [1, 2.5, None, True, 'x']}");
        assertRenders("{% for k, v in '{\"b\": 1, \"a\": 2}'|from_json|items %}{{ k }}{{ v }}{% endfor %}", "b1a2");
    }
}
