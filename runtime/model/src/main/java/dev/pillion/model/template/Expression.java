package dev.pillion.model.template;

import java.util.List;
import java.util.Optional;

/** An expression of the tree. */
sealed interface Expression {
    /** Offset in the source, for messages. */
    int at();

    record Literal(Object value, int at) implements Expression {}

    record Variable(String name, int at) implements Expression {}

    record ListOf(List<Expression> items, int at) implements Expression {}

    record TupleOf(List<Expression> items, int at) implements Expression {}

    record DictOf(List<Entry> entries, int at) implements Expression {}

    record Entry(Expression key, Expression value) {}

    record Negate(Expression operand, int at) implements Expression {}

    record Plus(Expression operand, int at) implements Expression {}

    record Not(Expression operand, int at) implements Expression {}

    record Both(Expression left, Expression right, int at) implements Expression {}

    record Either(Expression left, Expression right, int at) implements Expression {}

    record Arithmetic(Operator operator, Expression left, Expression right, int at) implements Expression {}

    enum Operator {
        ADD("+"),
        SUBTRACT("-"),
        MULTIPLY("*"),
        DIVIDE("/"),
        FLOOR_DIVIDE("//"),
        MODULO("%"),
        POWER("**");

        final String symbol;

        Operator(String symbol) {
            this.symbol = symbol;
        }
    }

    /** A chain such as {@code a < b <= c}: true when each neighbouring pair is. */
    record Comparison(Expression first, List<Link> links, int at) implements Expression {}

    record Link(Relation relation, Expression right) {}

    enum Relation {
        EQUAL("=="),
        NOT_EQUAL("!="),
        LESS("<"),
        LESS_OR_EQUAL("<="),
        GREATER(">"),
        GREATER_OR_EQUAL(">="),
        IN("in"),
        NOT_IN("not in");

        final String symbol;

        Relation(String symbol) {
            this.symbol = symbol;
        }
    }

    /** The {@code ~} operator. */
    record Concat(List<Expression> parts, int at) implements Expression {}

    record Conditional(Expression test, Expression then, Optional<Expression> otherwise, int at)
            implements Expression {}

    record Attribute(Expression target, String name, int at) implements Expression {}

    record Item(Expression target, Expression key, int at) implements Expression {}

    record Slice(
            Expression target,
            Optional<Expression> start,
            Optional<Expression> stop,
            Optional<Expression> step,
            int at)
            implements Expression {}

    record Call(Expression callee, CallArguments arguments, int at) implements Expression {}

    record Filtered(Expression input, FilterStep filter, int at) implements Expression {}

    record Tested(Expression input, String test, CallArguments arguments, int at) implements Expression {}

    /** One {@code |name(arguments)}. */
    record FilterStep(String name, CallArguments arguments, int at) {}

    /** Arguments as written; the last two are {@code *list} and {@code **dict}. */
    record CallArguments(
            List<Expression> positional,
            List<Named> named,
            Optional<Expression> spreadList,
            Optional<Expression> spreadDict) {

        static final CallArguments NONE =
                new CallArguments(List.of(), List.of(), Optional.empty(), Optional.empty());
    }

    record Named(String name, Expression value) {}
}
