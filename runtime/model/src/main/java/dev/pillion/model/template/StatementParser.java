package dev.pillion.model.template;

import dev.pillion.model.template.Statement.Target;
import dev.pillion.model.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Statements: the text between tags, and the tags. */
final class StatementParser {
    private static final Set<String> OTHER_TEMPLATES = Set.of("block", "extends", "import", "include", "from");

    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private int loops;

    private StatementParser(TokenStream tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    static List<Statement> parse(Source source) {
        TokenStream tokens = new TokenStream(source, new Lexer(source).tokens());
        StatementParser parser = new StatementParser(tokens);
        List<Statement> body = parser.body();
        if (!tokens.is(Kind.END)) {
            throw tokens.error(tokens.peek().at(), "'" + tokens.peek().text() + "' closes nothing");
        }
        return body;
    }

    /** Statements up to the end of the template, or to a tag that ends a body; its name is then the next token. */
    private List<Statement> body() {
        tokens.enter();
        List<Statement> body = new ArrayList<>();
        while (!tokens.is(Kind.END)) {
            Token token = tokens.take();
            if (token.kind() == Kind.TEXT) {
                body.add(new Statement.Text(token.text(), token.at()));
            } else if (token.kind() == Kind.PRINT_BEGIN) {
                body.add(new Statement.Print(expressions.tuple(), token.at()));
                tokens.expect(Kind.PRINT_END, "'}}'");
            } else if (closesOrContinues()) {
                break;
            } else {
                body.add(tag(tokens.expect(Kind.NAME, "the name of a tag")));
                tokens.expect(Kind.BLOCK_END, "'%}'");
            }
        }
        tokens.leave();
        return body;
    }

    private boolean closesOrContinues() {
        Token name = tokens.peek();
        return name.kind() == Kind.NAME
                && (name.text().startsWith("end") || name.isName("else") || name.isName("elif"));
    }

    private Statement tag(Token name) {
        int at = name.at();
        return switch (name.text()) {
            case "if" -> ifTag(at);
            case "for" -> forTag(at);
            case "set" -> setTag(at);
            case "macro" -> macroTag(at);
            case "call" -> callTag(at);
            case "filter" -> {
                List<Expression.FilterStep> filters = expressions.filterSteps();
                yield new Statement.FilterBlock(filters, ownBody("endfilter"), at);
            }
            case "generation" -> new Statement.Scoped(List.of(), ownBody("endgeneration"), at);
            case "with" -> withTag(at);
            case "break" -> {
                requireLoop(name);
                yield new Statement.Break(at);
            }
            case "continue" -> {
                requireLoop(name);
                yield new Statement.Continue(at);
            }
            default -> throw tokens.error(at, unknownTag(name.text()));
        };
    }

    private static String unknownTag(String name) {
        return OTHER_TEMPLATES.contains(name)
                ? "tag '" + name + "' needs other templates, and a chat template stands alone"
                : "unknown tag '" + name + "'";
    }

    private void requireLoop(Token name) {
        if (loops == 0) {
            throw tokens.error(name.at(), "'" + name.text() + "' outside a loop");
        }
    }

    /** The rest of an opening tag, the statements, and the closing tag's name; the caller takes the closing mark. */
    private List<Statement> bodyUpTo(String end) {
        List<Statement> body = bodyAfterTag();
        tokens.expectName(end);
        return body;
    }

    private List<Statement> bodyAfterTag() {
        tokens.expect(Kind.BLOCK_END, "'%}'");
        return body();
    }

    /** A body that runs as a function of its own, which a loop around it cannot be left from. */
    private List<Statement> ownBody(String end) {
        int outerLoops = loops;
        loops = 0;
        List<Statement> body = bodyUpTo(end);
        loops = outerLoops;
        return body;
    }

    private Statement ifTag(int at) {
        List<Statement.Branch> branches = new ArrayList<>();
        do {
            Expression test = expressions.tupleWithoutConditional("");
            branches.add(new Statement.Branch(test, bodyAfterTag()));
        } while (tokens.skipName("elif"));
        List<Statement> otherwise = tokens.skipName("else") ? bodyAfterTag() : List.of();
        tokens.expectName("endif");
        return new Statement.If(branches, otherwise, at);
    }

    private Statement forTag(int at) {
        Target target = target(false);
        tokens.expectName("in");
        Expression items = expressions.tupleWithoutConditional("recursive");
        Optional<Expression> filter =
                tokens.skipName("if") ? Optional.of(expressions.expression()) : Optional.empty();
        boolean recursive = tokens.skipName("recursive");
        loops++;
        List<Statement> body = bodyAfterTag();
        loops--;
        List<Statement> otherwise = tokens.skipName("else") ? bodyAfterTag() : List.of();
        tokens.expectName("endfor");
        return new Statement.For(target, items, filter, recursive, body, otherwise, at);
    }

    private Statement setTag(int at) {
        Target target = target(true);
        if (tokens.skipOperator("=")) {
            return new Statement.Set(target, expressions.tuple(), at);
        }
        List<Expression.FilterStep> filters =
                tokens.skipOperator("|") ? expressions.filterSteps() : List.of();
        return new Statement.SetBlock(target, filters, ownBody("endset"), at);
    }

    private Statement macroTag(int at) {
        String name = tokens.expect(Kind.NAME, "the name of the macro").text();
        return new Statement.Macro(signature(name), at);
    }

    private Statement callTag(int at) {
        Set<String> outer = expressions.collectUses();
        List<Statement.Parameter> parameters = tokens.isOperator("(") ? parameters() : List.of();
        Set<String> outerCall = expressions.collectUses();
        Expression call = expressions.expression();
        expressions.usesSince(outerCall);
        if (!(call instanceof Expression.Call callee)) {
            throw tokens.error(at, "a call block needs a call");
        }
        List<Statement> body = ownBody("endcall");
        Set<String> uses = expressions.usesSince(outer);
        return new Statement.CallBlock(callee, new Statement.Signature("caller", parameters, body, uses), at);
    }

    private Statement.Signature signature(String name) {
        Set<String> outer = expressions.collectUses();
        List<Statement.Parameter> parameters = parameters();
        List<Statement> body = ownBody("endmacro");
        return new Statement.Signature(name, parameters, body, expressions.usesSince(outer));
    }

    private List<Statement.Parameter> parameters() {
        List<Statement.Parameter> parameters = new ArrayList<>();
        tokens.expectOperator("(");
        while (!tokens.skipOperator(")")) {
            Token name = tokens.expect(Kind.NAME, "the name of a parameter");
            Optional<Expression> fallback =
                    tokens.skipOperator("=") ? Optional.of(expressions.expression()) : Optional.empty();
            if (fallback.isEmpty() && !parameters.isEmpty() && parameters.getLast().fallback().isPresent()) {
                throw tokens.error(name.at(), "a parameter without a default follows one with a default");
            }
            parameters.add(new Statement.Parameter(name.text(), fallback));
            if (!tokens.isOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        return parameters;
    }

    private Statement withTag(int at) {
        List<Statement.Binding> bindings = new ArrayList<>();
        while (!tokens.is(Kind.BLOCK_END)) {
            Target target = target(false);
            tokens.expectOperator("=");
            bindings.add(new Statement.Binding(target, expressions.expression()));
            if (!tokens.is(Kind.BLOCK_END)) {
                tokens.expectOperator(",");
            }
        }
        return new Statement.Scoped(bindings, bodyUpTo("endwith"), at);
    }

    /** One target, or several with commas between them. */
    private Target target(boolean namespaces) {
        tokens.enter();
        List<Target> targets = new ArrayList<>();
        boolean comma = false;
        while (!tokens.isName("in") && !tokens.isOperator("=") && !tokens.isOperator(")")) {
            targets.add(singleTarget(namespaces));
            if (!tokens.skipOperator(",")) {
                break;
            }
            comma = true;
        }
        tokens.leave();
        if (targets.isEmpty()) {
            throw tokens.unexpected("a name to assign to");
        }
        return comma ? new Target.Several(targets) : targets.getFirst();
    }

    private Target singleTarget(boolean namespaces) {
        if (tokens.skipOperator("(")) {
            Target target = target(namespaces);
            tokens.expectOperator(")");
            return target;
        }
        Token name = tokens.expect(Kind.NAME, "a name to assign to");
        if (Set.of("true", "True", "false", "False", "none", "None").contains(name.text())) {
            throw tokens.error(name.at(), "cannot assign to '" + name.text() + "'");
        }
        if (namespaces && tokens.skipOperator(".")) {
            return new Target.NamespaceAttribute(name.text(), tokens.expect(Kind.NAME, "a name").text());
        }
        return new Target.Variable(name.text());
    }
}
