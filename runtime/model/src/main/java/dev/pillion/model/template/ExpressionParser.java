package dev.pillion.model.template;

import dev.pillion.model.template.Expression.Arithmetic;
import dev.pillion.model.template.Expression.FilterStep;
import dev.pillion.model.template.Expression.Operator;
import dev.pillion.model.template.Expression.Relation;
import dev.pillion.model.template.Token.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Expressions, by recursive descent: one method per level of precedence, loosest first, down to the operands. */
final class ExpressionParser {
    private static final Map<String, Relation> RELATIONS = Map.of(
            "==", Relation.EQUAL,
            "!=", Relation.NOT_EQUAL,
            "<", Relation.LESS,
            "<=", Relation.LESS_OR_EQUAL,
            ">", Relation.GREATER,
            ">=", Relation.GREATER_OR_EQUAL);

    private final TokenStream tokens;
    private final OperandParser operands;
    private Set<String> uses = new HashSet<>();

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
        this.operands = new OperandParser(tokens, this);
    }

    /** Notes that an expression reads a name. */
    void use(String name) {
        uses.add(name);
    }

    /** The filters of a block tag, the first without a bar: <code>{% filter trim|upper %}</code>. */
    List<FilterStep> filterSteps() {
        return operands.filterSteps();
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

    /** What stands between parentheses: nothing, an expression, or a tuple. */
    Expression parenthesised() {
        return tuple(true, true, "");
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
        Expression left = operands.operand();
        while (tokens.isOperator("**")) {
            int at = tokens.take().at();
            left = new Arithmetic(Operator.POWER, left, operands.operand(), at);
        }
        return left;
    }
}
