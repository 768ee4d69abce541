package dev.pillion.model.template;

import dev.pillion.model.template.Expression.CallArguments;
import dev.pillion.model.template.Expression.FilterStep;
import dev.pillion.model.template.Expression.Literal;
import dev.pillion.model.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The operands of expressions: literals and names, and what binds to them tighter than any operator. */
final class OperandParser {
    private final TokenStream tokens;
    private final ExpressionParser expressions;

    OperandParser(TokenStream tokens, ExpressionParser expressions) {
        this.tokens = tokens;
        this.expressions = expressions;
    }

    /** An operand with its signs, subscripts, calls, filters and tests. */
    Expression operand() {
        return unary(true);
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
                expressions.use(name.text());
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
            Expression value = expressions.parenthesised();
            tokens.expectOperator(")");
            return value;
        }
        if (tokens.skipOperator("[")) {
            List<Expression> items = new ArrayList<>();
            while (!tokens.skipOperator("]")) {
                items.add(expressions.expression());
                commaUnless("]");
            }
            return new Expression.ListOf(items, at);
        }
        if (tokens.skipOperator("{")) {
            List<Expression.Entry> entries = new ArrayList<>();
            while (!tokens.skipOperator("}")) {
                Expression key = expressions.expression();
                tokens.expectOperator(":");
                entries.add(new Expression.Entry(key, expressions.expression()));
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
        Optional<Expression> start = tokens.isOperator(":") ? Optional.empty() : Optional.of(expressions.expression());
        if (start.isPresent() && !tokens.isOperator(":")) {
            return new Expression.Item(target, start.get(), at);
        }
        tokens.expectOperator(":");
        Optional<Expression> stop = sliceBound();
        Optional<Expression> step = tokens.skipOperator(":") ? sliceBound() : Optional.empty();
        return new Expression.Slice(target, start, stop, step, at);
    }

    private Optional<Expression> sliceBound() {
        boolean missing = tokens.isOperator(":") || tokens.isOperator("]");
        return missing ? Optional.empty() : Optional.of(expressions.expression());
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

    /** Filters with bars between them. */
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
    private CallArguments callArguments() {
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
                spreadList = Optional.of(expressions.expression());
            } else if (tokens.skipOperator("**")) {
                spreadDict = Optional.of(expressions.expression());
            } else if (tokens.is(Kind.NAME) && tokens.peekSecond().isOperator("=")) {
                String name = tokens.take().text();
                tokens.expectOperator("=");
                named.add(new Expression.Named(name, expressions.expression()));
            } else {
                requireFirst(named.isEmpty() && spreadList.isEmpty(), at);
                positional.add(expressions.expression());
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
