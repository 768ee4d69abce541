package dev.pillion.model.template;

import static dev.pillion.model.template.Rendering.assertRenders;

import org.junit.jupiter.api.Test;

/** Operators, literals and access; the expected texts are what Jinja2 3.1.6 writes. */
class ExpressionTest {
    @Test
    void integersAndFloatsFollowPython() {
        assertRenders("{{ 1 + 2 }}", "3");
        assertRenders("{{ 7 // 2 }}", "3");
        assertRenders("{{ -7 // 2 }}", "-4");
        assertRenders("{{ 7 % 3 }}", "1");
        assertRenders("{{ -7 % 3 }}", "2");
        assertRenders("{{ 7 % -3 }}", "-2");
        assertRenders("{{ 7.5 // 2 }}", "3.0");
        assertRenders("{{ -7.5 // 2 }}", "-4.0");
        assertRenders("{{ 7.5 % -2 }}", "-0.5");
        assertRenders("{{ 2 ** 10 }}", "1024");
        assertRenders("{{ 2 ** -1 }}", "0.5");
        assertRenders("{{ 2 ** 0.5 }}", "1.4142135623730951");
        assertRenders("{{ -2 ** 2 }}", "4");
        assertRenders("{{ 2 ** 3 ** 2 }}", "64");
        assertRenders("{{ 7 / 2 }}", "3.5");
        assertRenders("{{ 6 / 2 }}", "3.0");
        assertRenders("{{ true + 1 }}", "2");
        assertRenders("{{ 2 * -3 }}", "-6");
        assertRenders("{{ - 5 }}", "-5");
        assertRenders("{{ --5 }}", "5");
        assertRenders("{{ -n|abs }}", "5");
        assertRenders("{{ 1_000 + 1e3 }}", "2000.0");
    }

    @Test
    void floatsPrintTheirShortestDigits() {
        assertRenders("{{ 1.0 }}", "1.0");
        assertRenders("{{ 1/3 }}", "0.3333333333333333");
        assertRenders("{{ 1e15 }}", "1000000000000000.0");
        assertRenders("{{ 1e16 }}", "1e+16");
        assertRenders("{{ 123456789012345680.0 }}", "1.2345678901234568e+17");
        assertRenders("{{ 0.0001 }}", "0.0001");
        assertRenders("{{ 0.00001 }}", "1e-05");
        assertRenders("{{ -0.0 }}", "-0.0");
        assertRenders("{{ 1.5e300 }}", "1.5e+300");
        assertRenders("{{ 5e-324 }}", "5e-324");
        assertRenders("{{ 2 * 0.1 + 0.1 }}", "0.30000000000000004");
        assertRenders("{{ 12345678.9 }}", "12345678.9");
        assertRenders("{{ big }}", "1e+20");
        assertRenders("{{ small }}", "1e-07");
    }

    @Test
    void precedenceIsJinjas() {
        assertRenders("{{ 1 + 2 * 3 }}", "7");
        assertRenders("{{ (1 + 2) * 3 }}", "9");
        assertRenders("{{ not 1 == 2 }}", "True");
        assertRenders("{{ \"a\" + 2 ~ 3 }}", "a23");
        assertRenders("{{ \"x\"|upper ~ \"y\" }}", "Xy");
        assertRenders("{{ n|string + \"x\" }}", "5x");
        assertRenders("{{ not true|string }}", "False");
        assertRenders("{{ 1 or 0 and 0 }}", "1");
        assertRenders("{{ -3|abs }}", "3");
    }

    @Test
    void comparisonsChain() {
        assertRenders("{{ 1 < 2 < 3 }}", "True");
        assertRenders("{{ 1 < 2 > 3 }}", "False");
        assertRenders("{{ 1 == 1.0 }}", "True");
        assertRenders("{{ true == 1 }}", "True");
        assertRenders("{{ \"a\" < \"b\" }}", "True");
        assertRenders("{{ [1, 2] < [1, 3] }}", "True");
        assertRenders("{{ none == false }}", "False");
        assertRenders("{{ \"1\" == 1 }}", "False");
        assertRenders("{{ (1,) == [1] }}", "False");
        assertRenders("{{ {\"a\": 1} == {\"a\": 1.0} }}", "True");
        assertRenders("{{ 9007199254740993 == 9007199254740992.0 }}", "False");
        assertRenders("{{ 1 not in l }}", "False");
        assertRenders("{{ (1 in l) == true }}", "True");
        assertRenders("{{ 1 == 1 == 1 }}", "True");
    }

    @Test
    void membership() {
        assertRenders("{{ \"a\" in \"abc\" }}", "True");
        assertRenders("{{ 1 in [1, 2] }}", "True");
        assertRenders("{{ \"a\" in d }}", "True");
        assertRenders("{{ \"z\" not in d }}", "True");
        assertRenders("{{ none in [none] }}", "True");
        assertRenders("{{ \"a\" in zz }}", "False");
        assertRenders("{{ zz in l }}", "False");
        assertRenders("{{ zz in d }}", "False");
        assertRenders("{{ 5 in l or 3 in l }}", "True");
    }

    @Test
    void logicReturnsOperands() {
        assertRenders("{{ \"\" or 0 or \"x\" }}", "x");
        assertRenders("{{ 1 and \"y\" }}", "y");
        assertRenders("{{ 0 and 1 }}", "0");
        assertRenders("{{ zz or \"default\" }}", "default");
        assertRenders("{{ not zz }}", "True");
        assertRenders("{{ not not 5 }}", "True");
    }

    @Test
    void inlineIf() {
        assertRenders("{{ \"a\" if t else \"b\" }}", "a");
        assertRenders("{{ \"a\" if fa else \"b\" }}", "b");
        assertRenders("{{ \"a\" if fa }}", "");
        assertRenders("{{ (\"a\" if fa) is defined }}", "False");
        assertRenders("{{ 1 if 0 else 2 if 0 else 3 }}", "3");
        assertRenders("{{ \"x\" ~ (\"y\" if n == 5) }}", "xy");
    }

    @Test
    void textsAndListsAddAndRepeat() {
        assertRenders("{{ \"a\" ~ 1 ~ none ~ true ~ 1.5 }}", "a1NoneTrue1.5");
        assertRenders("{{ \"a\" * 3 }}", "aaa");
        assertRenders("{{ 3 * \"ab\" }}", "ababab");
        assertRenders("{{ [1] * 2 }}", "[1, 1]");
        assertRenders("{{ [1, 2] + [3] }}", "[1, 2, 3]");
        assertRenders("{{ (1, 2) + (3,) }}", "(1, 2, 3)");
        assertRenders("{{ \"a\" \"b\" 'c' }}", "abc");
        assertRenders("{{ \"x\" * 0 }}", "");
        assertRenders("{{ \"x\" * -1 }}", "");
    }

    @Test
    void collectionsPrintAsInPython() {
        assertRenders("{{ [1, \"x\", none, true, 1.5] }}", "[1, 'x', None, True, 1.5]");
        assertRenders("{{ (1,) }}", "(1,)");
        assertRenders("{{ (1, 2) }}", "(1, 2)");
        assertRenders("{{ () }}", "()");
        assertRenders("{{ [] }}", "[]");
        assertRenders("{{ {} }}", "{}");
        assertRenders("{{ {\"a\": 1, \"b\": [1, \"x\"]} }}", "{'a': 1, 'b': [1, 'x']}");
        assertRenders("{{ [1, 2, 3,] }}", "[1, 2, 3]");
        assertRenders("{{ [\"it's\", '\"q\"', \"both'\\\"\"] }}", "[\"it's\", '\"q\"', 'both\\'\"']");
        assertRenders("{{ [\"\\n\\t\\\\\\x01\\u00e9\\u200b😀\"] }}", "['\\n\\t\\\\\\x01é\\u200b😀']");
        assertRenders("{{ [[1], (2,), {\"k\": \"v\"}] }}", "[[1], (2,), {'k': 'v'}]");
        assertRenders("{{ dd }}", "{'k': None, 'f': 1.0, 't': [True, None, {'a': []}], 'e': {}}");
        assertRenders("{{ [zz] }}", "[Undefined]");
    }

    @Test
    void stringEscapes() {
        assertRenders("{{ \"\\x41\\101\\u0041\\U00000041\\q\" }}", "AAAA\\q");
        assertRenders("{{ 'a\"b' }}", "a\"b");
        assertRenders("{{ \"a'b\" }}", "a'b");
        assertRenders("{{ '\\'' }}", "'");
        assertRenders("{{ \"a\\\\b\" }}", "a\\b");
        assertRenders("{{ \"\\t|\\n|\" }}", "\t|\n|");
        assertRenders("{{ \"a\nb\" }}", "a\nb");
        assertRenders("{{ \"a\\\nb\" }}", "ab");
    }

    @Test
    void indexesCountCharactersFromBothEnds() {
        assertRenders("{{ s[0] }}", "H");
        assertRenders("{{ s[-1] }}", "d");
        assertRenders("{{ s[99] }}", "");
        assertRenders("{{ emo[1] }}", "😀");
        assertRenders("{{ emo|length }}", "3");
        assertRenders("{{ l[-1] }}", "2");
        assertRenders("{{ l[0] }}", "3");
        assertRenders("{{ l[9] }}", "");
        assertRenders("{{ (1, 2)[0] }}", "1");
        assertRenders("{{ \"abc\"[1] }}", "b");
        assertRenders("{{ nested.x.y[1].z }}", "2");
        assertRenders("{{ nested.x.y.0.z }}", "1");
    }

    @Test
    void slices() {
        assertRenders("{{ s[1:4] }}", "ell");
        assertRenders("{{ s[:-1] }}", "Hello Worl");
        assertRenders("{{ s[::-1] }}", "dlroW olleH");
        assertRenders("{{ s[::2] }}", "HloWrd");
        assertRenders("{{ s[-3:] }}", "rld");
        assertRenders("{{ s[5:2] }}", "");
        assertRenders("{{ s[10:0:-2] }}", "drWol");
        assertRenders("{{ s[-100:100] }}", "Hello World");
        assertRenders("{{ l[::-1] }}", "[2, 1, 3]");
        assertRenders("{{ l[1:] }}", "[1, 2]");
        assertRenders("{{ l[-2:] }}", "[1, 2]");
        assertRenders("{{ l[:1] }}", "[3]");
        assertRenders("{{ l[0:3:2] }}", "[3, 2]");
        assertRenders("{{ emo[::-1] }}", "b😀a");
        assertRenders("{{ emo[1:] }}", "😀b");
        assertRenders("{{ l[1:none] }}", "[1, 2]");
        assertRenders("{{ (1, 2, 3)[1:] }}", "(2, 3)");
        assertRenders("{{ l[n:] }}", "[]");
        assertRenders("{{ [][::-1] }}", "[]");
    }

    @Test
    void dotPrefersMethodsAndBracketsPreferKeys() {
        assertRenders("{{ d.a }}", "x");
        assertRenders("{{ d[\"a\"] }}", "x");
        assertRenders("{{ d[\"items\"] }}", "[1]");
        assertRenders("{{ d.items is callable }}", "True");
        assertRenders("{{ d[\"keys\"] is callable }}", "True");
        assertRenders("{{ d[\"get\"](\"a\") }}", "x");
        assertRenders("{{ d.zz }}", "");
        assertRenders("{{ d[\"zz\"] }}", "");
        assertRenders("{{ none.x }}", "");
        assertRenders("{{ 5[\"x\"] }}", "");
        assertRenders("{{ none[0] }}", "");
        assertRenders("{{ l[\"a\"] }}", "");
        assertRenders("{{ s[\"a\"] }}", "");
        assertRenders("{{ d[l] }}", "");
        assertRenders("{{ d[zz] }}", "");
    }

    @Test
    void undefinedIsEmptyAndFalse() {
        assertRenders("{{ zz }}", "");
        assertRenders("{{ zz|length }}", "0");
        assertRenders("{{ zz|list }}", "[]");
        assertRenders("{{ zz ~ \"x\" }}", "x");
        assertRenders("{{ zz == zz2 }}", "True");
        assertRenders("{{ zz == none }}", "False");
        assertRenders("{{ zz|string }}", "");
        assertRenders("{{ zz|upper }}", "");
        assertRenders("{{ zz|join }}", "");
        assertRenders("{{ zz|items|list }}", "[]");
        assertRenders("{{ zz is sequence }}", "True");
        assertRenders("{{ [zz]|length }}", "1");
    }
}
