package dev.pillion.model.template;

import dev.pillion.model.template.TemplateException.Kind;
import java.util.List;

/** The tokens of a template with a place in them, and the count of how deep the parser has nested. */
final class TokenStream {
    /** Bounds the parser's recursion; the deepest real template nests about 30. */
    private static final int MAX_NESTING = 120;

    private final Source source;
    private final List<Token> tokens;
    private int next;
    private int nesting;

    TokenStream(Source source, List<Token> tokens) {
        this.source = source;
        this.tokens = tokens;
    }

    Token peek() {
        return tokens.get(next);
    }

    /** The token after the next one. */
    Token peekSecond() {
        return tokens.get(Math.min(next + 1, tokens.size() - 1));
    }

    Token take() {
        Token token = tokens.get(next);
        if (token.kind() != Token.Kind.END) {
            next++;
        }
        return token;
    }

    boolean is(Token.Kind kind) {
        return peek().kind() == kind;
    }

    boolean isOperator(String operator) {
        return peek().isOperator(operator);
    }

    boolean isName(String name) {
        return peek().isName(name);
    }

    boolean skipOperator(String operator) {
        return skipIf(isOperator(operator));
    }

    boolean skipName(String name) {
        return skipIf(isName(name));
    }

    private boolean skipIf(boolean matches) {
        next += matches ? 1 : 0;
        return matches;
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw unexpected("'" + name + "'");
        }
    }

    Token expect(Token.Kind kind, String description) {
        if (!is(kind)) {
            throw unexpected(description);
        }
        return take();
    }

    TemplateException unexpected(String expected) {
        return error(peek().at(), "expected " + expected + ", found " + peek().describe());
    }

    TemplateException error(int at, String problem) {
        return source.error(Kind.SYNTAX, at, problem);
    }

    void enter() {
        if (++nesting > MAX_NESTING) {
            throw source.error(Kind.LIMIT, peek().at(), "nested deeper than " + MAX_NESTING);
        }
    }

    void leave() {
        nesting--;
    }
}
