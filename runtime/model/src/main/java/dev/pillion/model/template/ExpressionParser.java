package dev.pillion.model.template;

import dev.pillion.model.template.Expression.Arithmetic;
import dev.pillion.model.template.Expression.CallArguments;
import dev.pillion.model.template.Expression.FilterStep;
import dev.pillion.model.template.Expression.Literal;
import dev.pillion.model.template.Expression.Operator;
import dev.pillion.model.template.Expression.Relation;
import dev.pillion.model.template.Token.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Expressions, by recursive descent: one method per level of precedence, loosest first. */
final class ExpressionParser {
    private static final Map<String, Relation> RELATIONS = Map.of(
            "==", Relation.EQUAL,
            "!=", Relation.NOT_EQUAL,
            "<", Relation.LESS,
            "<=", Relation.LESS_OR_EQUAL,
            ">", Relation.GREATER,
            ">=", Relation.GREATER_OR_EQUAL);

    private final TokenStream tokens;
    private Set<String> uses = new HashSet<>();

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
    }

    /** Starts to collect the names that expressions read; returns the collection so far. */
    Set<String> collectUses() {
        Set<String> outer = uses;
        uses = new HashSet<>();
        return outer;
    }

    /** Returns the names read since {@link #collectUses()} and goes on with the collection it returned. */
    Set<String> usesSince(Set<String> outer) {
        Set<String> inner = uses;
        outer.addAll(inner);
        uses = outer;
        return Set.copyOf(inner);
    }

    /** An expression, or several with commas between them, which make a tuple. */
    Expression tuple() {
        return tuple(true, false, "");
    }

    /** The same without inline {@code if}, which in a {@code for} tag would swallow the loop's filter. */
    Expression tupleWithoutConditional(String endName) {
        return tuple(false, false, endName);
    }

    private Expression tuple(boolean conditional, boolean parenthesised, String endName) {
        int at = tokens.peek().at();
        List<Expression> items = new ArrayList<>();
        boolean comma = false;
        while (!tupleEnds(endName)) {
            items.add(conditional ? expression() : withoutConditional());
            if (!tokens.skipOperator(",")) {
                break;
            }
            comma = true;
        }
        if (items.isEmpty() && !parenthesised) {
            throw tokens.unexpected("an expression");
        }
        return comma || items.isEmpty() ? new Expression.TupleOf(items, at) : items.getFirst();
    }

    private boolean tupleEnds(String endName) {
        return tokens.is(Kind.PRINT_END)
                || tokens.is(Kind.BLOCK_END)
                || tokens.isOperator(")")
                || !endName.isEmpty() && tokens.isName(endName);
    }

    /** A whole expression, inline {@code if} included. */
    Expression expression() {
        tokens.enter();
        Expression value = either();
        while (tokens.isName("if")) {
            int at = tokens.take().at();
            Expression test = either();
            Optional<Expression> otherwise =
                    tokens.skipName("else") ? Optional.of(expression()) : Optional.empty();
            value = new Expression.Conditional(test, value, otherwise, at);
        }
        tokens.leave();
        return value;
    }

    private Expression withoutConditional() {
        tokens.enter();
        Expression value = either();
        tokens.leave();
        return value;
    }

    private Expression either() {
        Expression left = both();
        while (tokens.isName("or")) {
            int at = tokens.take().at();
            left = new Expression.Either(left, both(), at);
        }
        return left;
    }

    private Expression both() {
        Expression left = not();
        while (tokens.isName("and")) {
            int at = tokens.take().at();
            left = new Expression.Both(left, not(), at);
        }
        return left;
    }

    private Expression not() {
        if (!tokens.isName("not")) {
            return comparison();
        }
        int at = tokens.take().at();
        tokens.enter();
        Expression operand = not();
        tokens.leave();
        return new Expression.Not(operand, at);
    }

    private Expression comparison() {
        int at = tokens.peek().at();
        Expression first = sum();
        List<Expression.Link> links = new ArrayList<>();
        for (Optional<Relation> relation = relation(); relation.isPresent(); relation = relation()) {
            links.add(new Expression.Link(relation.get(), sum()));
        }
        return links.isEmpty() ? first : new Expression.Comparison(first, links, at);
    }

    private Optional<Relation> relation() {
        if (tokens.is(Kind.OPERATOR) && RELATIONS.containsKey(tokens.peek().text())) {
            return Optional.of(RELATIONS.get(tokens.take().text()));
        }
        if (tokens.skipName("in")) {
            return Optional.of(Relation.IN);
        }
        if (tokens.isName("not") && tokens.peekSecond().isName("in")) {
            tokens.take();
            tokens.take();
            return Optional.of(Relation.NOT_IN);
        }
        return Optional.empty();
    }

    private Expression sum() {
        Expression left = concat();
        while (tokens.isOperator("+") || tokens.isOperator("-")) {
            Token operator = tokens.take();
            Operator kind = operator.isOperator("+") ? Operator.ADD : Operator.SUBTRACT;
            left = new Arithmetic(kind, left, concat(), operator.at());
        }
        return left;
    }

    private Expression concat() {
        int at = tokens.peek().at();
        List<Expression> parts = new ArrayList<>(List.of(product()));
        while (tokens.skipOperator("~")) {
            parts.add(product());
        }
        return parts.size() == 1 ? parts.getFirst() : new Expression.Concat(parts, at);
    }

    private Expression product() {
        Expression left = power();
        while (true) {
            Token operator = tokens.peek();
            Operator kind;
            if (operator.isOperator("*")) {
                kind = Operator.MULTIPLY;
            } else if (operator.isOperator("/")) {
                kind = Operator.DIVIDE;
            } else if (operator.isOperator("//")) {
                kind = Operator.FLOOR_DIVIDE;
            } else if (operator.isOperator("%")) {
                kind = Operator.MODULO;
            } else {
                return left;
            }
            tokens.take();
            left = new Arithmetic(kind, left, power(), operator.at());
        }
    }

    private Expression power() {
        Expression left = unary(true);
        while (tokens.isOperator("**")) {
            int at = tokens.take().at();
            left = new Arithmetic(Operator.POWER, left, unary(true), at);
        }
        return left;
    }

    private Expression unary(boolean filters) {
        tokens.enter();
        int at = tokens.peek().at();
        Expression value;
        if (tokens.skipOperator("-")) {
            value = new Expression.Negate(unary(false), at);
        } else if (tokens.skipOperator("+")) {
            value = new Expression.Plus(unary(false), at);
        } else {
            value = primary();
        }
        value = postfix(value);
        value = filters ? filtersAndTests(value) : value;
        tokens.leave();
        return value;
    }

    private Expression primary() {
        Token token = tokens.peek();
        return switch (token.kind()) {
            case NAME -> nameOrConstant(tokens.take());
            case STRING -> string();
            case INTEGER -> new Literal(integer(tokens.take()), token.at());
            case FLOAT -> new Literal(Double.valueOf(tokens.take().text()), token.at());
            default -> bracketed();
        };
    }

    private Expression nameOrConstant(Token name) {
        return switch (name.text()) {
            case "true", "True" -> new Literal(true, name.at());
            case "false", "False" -> new Literal(false, name.at());
            case "none", "None" -> new Literal(None.NONE, name.at());
            default -> {
                uses.add(name.text());
                yield new Expression.Variable(name.text(), name.at());
            }
        };
    }

    /** String literals side by side are one string. */
    private Expression string() {
        int at = tokens.peek().at();
        StringBuilder value = new StringBuilder();
        while (tokens.is(Kind.STRING)) {
            value.append(tokens.take().text());
        }
        return new Literal(value.toString(), at);
    }

    private Long integer(Token token) {
        String digits = token.text();
        if (digits.length() > 1 && digits.startsWith("0") && !digits.chars().allMatch(c -> c == '0')) {
            throw tokens.error(token.at(), "a number must not start with 0");
        }
        try {
            return Long.valueOf(digits);
        } catch (NumberFormatException e) {
            throw tokens.error(token.at(), "integer " + digits + " does not fit 64 bits");
        }
    }

    private Expression bracketed() {
        int at = tokens.peek().at();
        if (tokens.skipOperator("(")) {
            Expression value = tuple(true, true, "");
            tokens.expectOperator(")");
            return value;
        }
        if (tokens.skipOperator("[")) {
            List<Expression> items = new ArrayList<>();
            while (!tokens.skipOperator("]")) {
                items.add(expression());
                commaUnless("]");
            }
            return new Expression.ListOf(items, at);
        }
        if (tokens.skipOperator("{")) {
            List<Expression.Entry> entries = new ArrayList<>();
            while (!tokens.skipOperator("}")) {
                Expression key = expression();
                tokens.expectOperator(":");
                entries.add(new Expression.Entry(key, expression()));
                commaUnless("}");
            }
            return new Expression.DictOf(entries, at);
        }
        throw tokens.unexpected("an expression");
    }

    private void commaUnless(String end) {
        if (!tokens.isOperator(end)) {
            tokens.expectOperator(",");
        }
    }

    private Expression postfix(Expression start) {
        Expression value = start;
        while (true) {
            int at = tokens.peek().at();
            if (tokens.skipOperator(".")) {
                value = tokens.is(Kind.INTEGER)
                        ? new Expression.Item(value, new Literal(integer(tokens.take()), at), at)
                        : new Expression.Attribute(value, tokens.expect(Kind.NAME, "a name").text(), at);
            } else if (tokens.skipOperator("[")) {
                value = subscript(value, at);
                tokens.expectOperator("]");
            } else if (tokens.isOperator("(")) {
                value = new Expression.Call(value, callArguments(), at);
            } else {
                return value;
            }
        }
    }

    private Expression subscript(Expression target, int at) {
        Optional<Expression> start = tokens.isOperator(":") ? Optional.empty() : Optional.of(expression());
        if (start.isPresent() && !tokens.isOperator(":")) {
            return new Expression.Item(target, start.get(), at);
        }
        tokens.expectOperator(":");
        Optional<Expression> stop = sliceBound();
        Optional<Expression> step = tokens.skipOperator(":") ? sliceBound() : Optional.empty();
        return new Expression.Slice(target, start, stop, step, at);
    }

    private Optional<Expression> sliceBound() {
        return tokens.isOperator(":") || tokens.isOperator("]") ? Optional.empty() : Optional.of(expression());
    }

    private Expression filtersAndTests(Expression start) {
        Expression value = start;
        while (true) {
            int at = tokens.peek().at();
            if (tokens.skipOperator("|")) {
                value = new Expression.Filtered(value, filterStep(), at);
            } else if (tokens.skipName("is")) {
                value = test(value, at);
            } else if (tokens.isOperator("(")) {
                value = new Expression.Call(value, callArguments(), at);
            } else {
                return value;
            }
        }
    }

    /** The filters of a block tag, the first without a bar: <code>{% filter trim|upper %}</code>. */
    List<FilterStep> filterSteps() {
        List<FilterStep> steps = new ArrayList<>(List.of(filterStep()));
        while (tokens.skipOperator("|")) {
            steps.add(filterStep());
        }
        return steps;
    }

    private FilterStep filterStep() {
        Token name = tokens.expect(Kind.NAME, "the name of a filter");
        return new FilterStep(
                name.text(), tokens.isOperator("(") ? callArguments() : CallArguments.NONE, name.at());
    }

    private Expression test(Expression value, int at) {
        boolean negated = tokens.skipName("not");
        String name = tokens.expect(Kind.NAME, "the name of a test").text();
        CallArguments arguments = CallArguments.NONE;
        if (tokens.isOperator("(")) {
            arguments = callArguments();
        } else if (startsTestArgument()) {
            if (tokens.isName("is")) {
                throw tokens.error(tokens.peek().at(), "tests cannot be chained with 'is'");
            }
            Expression argument = postfix(primary());
            arguments = new CallArguments(List.of(argument), List.of(), Optional.empty(), Optional.empty());
        }
        Expression test = new Expression.Tested(value, name, arguments, at);
        return negated ? new Expression.Not(test, at) : test;
    }

    private boolean startsTestArgument() {
        Token token = tokens.peek();
        return switch (token.kind()) {
            case NAME -> !token.isName("else") && !token.isName("or") && !token.isName("and");
            case STRING, INTEGER, FLOAT -> true;
            default -> token.isOperator("[") || token.isOperator("{");
        };
    }

    /** Arguments from the opening to the closing parenthesis. */
    CallArguments callArguments() {
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        List<Expression.Named> named = new ArrayList<>();
        Optional<Expression> spreadList = Optional.empty();
        Optional<Expression> spreadDict = Optional.empty();
        while (!tokens.skipOperator(")")) {
            int at = tokens.peek().at();
            if (spreadDict.isPresent()) {
                throw tokens.error(at, "no argument may follow **");
            }
            if (tokens.skipOperator("*")) {
                requireFirst(spreadList.isEmpty(), at);
                spreadList = Optional.of(expression());
            } else if (tokens.skipOperator("**")) {
                spreadDict = Optional.of(expression());
            } else if (tokens.is(Kind.NAME) && tokens.peekSecond().isOperator("=")) {
                String name = tokens.take().text();
                tokens.expectOperator("=");
                named.add(new Expression.Named(name, expression()));
            } else {
                requireFirst(named.isEmpty() && spreadList.isEmpty(), at);
                positional.add(expression());
            }
            commaUnless(")");
        }
        return new CallArguments(positional, named, spreadList, spreadDict);
    }

    private void requireFirst(boolean inOrder, int at) {
        if (!inOrder) {
            throw tokens.error(at, "arguments by position must come before the others");
        }
    }
}
