package dev.pillion.model.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Cuts a template into tokens.
 *
 * <p>White space around tags follows Jinja with {@code trim_blocks} and {@code lstrip_blocks} on, as transformers sets
 * them: one line feed after a block or comment tag goes, and so do blanks between the start of a line and such a tag.
 * A minus on either side of any tag removes all white space on that side; a plus keeps it.
 */
final class Lexer {
    private static final String[] LONG_OPERATORS = {"//", "**", "==", "!=", "<=", ">="};
    private static final String SHORT_OPERATORS = "+-*/%~[](){}.:|,=<>";

    private final Source source;
    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    Lexer(Source source) {
        this.source = source;
        this.text = source.text();
    }

    List<Token> tokens() {
        while (at < text.length()) {
            textAndTag();
        }
        add(Token.Kind.END, "", text.length());
        return tokens;
    }

    private void textAndTag() {
        int tag = nextTag(at);
        if (tag < 0) {
            add(Token.Kind.TEXT, text.substring(at), at);
            at = text.length();
            return;
        }
        char kind = text.charAt(tag + 1);
        char sign = signAt(tag + 2);
        data(at, tag, sign, kind != '{');
        at = tag + 2 + (sign == 0 ? 0 : 1);
        int afterRaw = kind == '%' ? rawTagEnd(at) : -1;
        if (kind == '#') {
            comment(tag);
        } else if (afterRaw >= 0) {
            at = afterRaw;
            raw(tag);
        } else {
            boolean block = kind == '%';
            add(block ? Token.Kind.BLOCK_BEGIN : Token.Kind.PRINT_BEGIN, "", tag);
            code(block, tag);
        }
    }

    private int nextTag(int from) {
        for (int i = text.indexOf('{', from); i >= 0 && i + 1 < text.length(); i = text.indexOf('{', i + 1)) {
            char next = text.charAt(i + 1);
            if (next == '{' || next == '%' || next == '#') {
                return i;
            }
        }
        return -1;
    }

    /** The white space mark at a place, or 0. */
    private char signAt(int index) {
        return index < text.length() && (text.charAt(index) == '-' || text.charAt(index) == '+')
                ? text.charAt(index)
                : 0;
    }

    /** Text from {@code start} up to a tag at {@code end} that carries {@code sign}. */
    private void data(int start, int end, char sign, boolean stripsBlanks) {
        int stop = end;
        if (sign == '-') {
            while (stop > start && PyText.isSpace(text.charAt(stop - 1))) {
                stop--;
            }
        } else if (sign == 0 && stripsBlanks) {
            int blank = stop;
            while (blank > start && text.charAt(blank - 1) != '\n' && PyText.isSpace(text.charAt(blank - 1))) {
                blank--;
            }
            if (blank == 0 || text.charAt(blank - 1) == '\n') {
                stop = blank;
            }
        }
        if (stop > start) {
            add(Token.Kind.TEXT, text.substring(start, stop), start);
        }
    }

    private void comment(int tag) {
        int end = text.indexOf("#}", at);
        if (end < 0) {
            throw error(tag, "comment is not closed");
        }
        char sign = end > at ? signAt(end - 1) : 0;
        at = end + 2;
        afterTag(sign, true);
    }

    /** Where the text after a <code>{% raw %}</code> starts, given the place after its mark; -1 for another tag. */
    private int rawTagEnd(int from) {
        int i = skipSpace(from);
        if (!text.startsWith("raw", i)) {
            return -1;
        }
        i = skipSpace(i + 3);
        if (text.startsWith("-%}", i)) {
            return skipSpace(i + 3);
        }
        return text.startsWith("%}", i) ? i + 2 : -1;
    }

    private void raw(int tag) {
        for (int open = text.indexOf("{%", at); open >= 0; open = text.indexOf("{%", open + 2)) {
            char sign = signAt(open + 2);
            int i = skipSpace(open + 2 + (sign == 0 ? 0 : 1));
            if (!text.startsWith("endraw", i)) {
                continue;
            }
            i = skipSpace(i + 6);
            char endSign = signAt(i);
            i += endSign == 0 ? 0 : 1;
            if (text.startsWith("%}", i)) {
                data(at, open, sign, true);
                at = i + 2;
                afterTag(endSign, true);
                return;
            }
        }
        throw error(tag, "raw block is not closed");
    }

    /** White space after the closing bracket of a tag. */
    private void afterTag(char sign, boolean trimsNewline) {
        if (sign == '-') {
            at = skipSpace(at);
        } else if (sign == 0 && trimsNewline && at < text.length() && text.charAt(at) == '\n') {
            at++;
        }
    }

    private int skipSpace(int from) {
        int i = from;
        while (i < text.length() && PyText.isSpace(text.charAt(i))) {
            i++;
        }
        return i;
    }

    /** Tokens up to the end of the tag. Inside brackets the end marks are operators: <code>{{ {'a': {}} }}</code>. */
    private void code(boolean block, int tag) {
        Deque<Character> open = new ArrayDeque<>();
        while (true) {
            at = skipSpace(at);
            if (at >= text.length()) {
                throw error(tag, "tag is not closed");
            }
            if (open.isEmpty() && tagEnds(block)) {
                return;
            }
            char c = text.charAt(at);
            if (c >= '0' && c <= '9') {
                number();
            } else if (c == '"' || c == '\'') {
                string(c);
            } else if (c == '_' || Character.isUnicodeIdentifierStart(text.codePointAt(at))) {
                name();
            } else {
                balance(operator(), open);
            }
        }
    }

    private boolean tagEnds(boolean block) {
        char sign = signAt(at);
        if (sign == '+' && !block) {
            return false;
        }
        int mark = at + (sign == 0 ? 0 : 1);
        if (!text.startsWith(block ? "%}" : "}}", mark)) {
            return false;
        }
        add(block ? Token.Kind.BLOCK_END : Token.Kind.PRINT_END, "", at);
        at = mark + 2;
        afterTag(sign, block);
        return true;
    }

    private void balance(String operator, Deque<Character> open) {
        switch (operator) {
            case "(" -> open.push(')');
            case "[" -> open.push(']');
            case "{" -> open.push('}');
            case ")", "]", "}" -> {
                if (open.isEmpty() || open.pop() != operator.charAt(0)) {
                    throw error(at - 1, "unexpected '" + operator + "'");
                }
            }
            default -> { }
        }
    }

    private String operator() {
        for (String operator : LONG_OPERATORS) {
            if (text.startsWith(operator, at)) {
                return addOperator(operator);
            }
        }
        if (SHORT_OPERATORS.indexOf(text.charAt(at)) < 0) {
            throw error(at, "unexpected character '" + Character.toString(text.codePointAt(at)) + "'");
        }
        return addOperator(text.substring(at, at + 1));
    }

    private String addOperator(String operator) {
        add(Token.Kind.OPERATOR, operator, at);
        at += operator.length();
        return operator;
    }

    private void name() {
        int end = at;
        while (end < text.length() && isNamePart(text.codePointAt(end))) {
            end += Character.charCount(text.codePointAt(end));
        }
        add(Token.Kind.NAME, text.substring(at, end), at);
        at = end;
    }

    private static boolean isNamePart(int codePoint) {
        return Character.isUnicodeIdentifierPart(codePoint) && !Character.isIdentifierIgnorable(codePoint);
    }

    private void string(char quote) {
        int end = at + 1;
        while (end < text.length() && text.charAt(end) != quote) {
            end += text.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= text.length()) {
            throw error(at, "string is not closed");
        }
        try {
            add(Token.Kind.STRING, StringEscapes.resolve(text.substring(at + 1, end)), at);
        } catch (Failure e) {
            throw error(at, e.problem());
        }
        at = end + 1;
    }

    private void number() {
        int end = digits(at);
        boolean fraction = false;
        // A number right after a dot is an index, as in a.0.1: never a float.
        if (at == 0 || text.charAt(at - 1) != '.') {
            if (end < text.length() && text.charAt(end) == '.' && isDigit(end + 1)) {
                end = digits(end + 1);
                fraction = true;
            }
            if (end < text.length() && (text.charAt(end) == 'e' || text.charAt(end) == 'E')) {
                int exponent = end + 1 + (signAt(end + 1) == 0 ? 0 : 1);
                if (isDigit(exponent)) {
                    end = digits(exponent);
                    fraction = true;
                }
            }
        }
        add(fraction ? Token.Kind.FLOAT : Token.Kind.INTEGER, text.substring(at, end).replace("_", ""), at);
        at = end;
    }

    private int digits(int from) {
        int end = from;
        while (isDigit(end) || end > from && end < text.length() && text.charAt(end) == '_' && isDigit(end + 1)) {
            end++;
        }
        return end;
    }

    private boolean isDigit(int index) {
        return index < text.length() && text.charAt(index) >= '0' && text.charAt(index) <= '9';
    }

    private void add(Token.Kind kind, String value, int offset) {
        tokens.add(new Token(kind, value, offset));
    }

    private TemplateException error(int offset, String problem) {
        return source.error(TemplateException.Kind.SYNTAX, offset, problem);
    }
}
