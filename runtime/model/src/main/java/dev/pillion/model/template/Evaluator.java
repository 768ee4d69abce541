package dev.pillion.model.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Evaluates expressions. */
final class Evaluator {
    private final Interpreter interpreter;
    private final Budget budget;
    private final Operators operators;
    private final PyCompare compare;

    Evaluator(Interpreter interpreter) {
        this.interpreter = interpreter;
        this.budget = interpreter.budget();
        this.operators = new Operators(budget);
        this.compare = interpreter.compare();
    }

    Object evaluate(Expression expression, Scope scope) {
        try {
            budget.enter();
            return switch (expression) {
                case Expression.Literal literal -> literal.value();
                case Expression.Variable variable -> scope.get(variable.name());
                case Expression.ListOf list -> all(list.items(), scope);
                case Expression.TupleOf tuple -> new Tuple(all(tuple.items(), scope));
                case Expression.DictOf dict -> dict(dict, scope);
                case Expression.Negate negate -> PyNumbers.negate(operand(negate.operand(), scope));
                case Expression.Plus plus -> operand(plus.operand(), scope);
                case Expression.Not not -> !Values.truth(evaluate(not.operand(), scope));
                case Expression.Both both -> {
                    Object left = evaluate(both.left(), scope);
                    yield Values.truth(left) ? evaluate(both.right(), scope) : left;
                }
                case Expression.Either either -> {
                    Object left = evaluate(either.left(), scope);
                    yield Values.truth(left) ? left : evaluate(either.right(), scope);
                }
                case Expression.Arithmetic a -> arithmetic(a, scope);
                case Expression.Comparison comparison -> comparison(comparison, scope);
                case Expression.Concat concat -> concat(concat, scope);
                case Expression.Conditional conditional -> conditional(conditional, scope);
                case Expression.Attribute attribute ->
                        Attributes.attribute(evaluate(attribute.target(), scope), attribute.name());
                case Expression.Item item -> item(item, scope);
                case Expression.Slice slice -> slice(slice, scope);
                case Expression.Call call ->
                        call(evaluate(call.callee(), scope), arguments(call.arguments(), scope));
                case Expression.Filtered filtered ->
                        filter(evaluate(filtered.input(), scope), filtered.filter(), scope);
                case Expression.Tested tested ->
                        Tests.test(tested.test(), evaluate(tested.input(), scope),
                                arguments(tested.arguments(), scope), interpreter);
            };
        } catch (Failure e) {
            throw interpreter.source().error(expression.at(), e);
        } finally {
            budget.leave();
        }
    }

    private List<Object> all(List<Expression> expressions, Scope scope) {
        List<Object> values = new ArrayList<>(expressions.size());
        for (Expression expression : expressions) {
            values.add(evaluate(expression, scope));
        }
        return values;
    }

    private Map<Object, Object> dict(Expression.DictOf dict, Scope scope) {
        Map<Object, Object> values = new LinkedHashMap<>();
        for (Expression.Entry entry : dict.entries()) {
            values.put(Values.key(evaluate(entry.key(), scope)), evaluate(entry.value(), scope));
        }
        return values;
    }

    private Number operand(Expression expression, Scope scope) {
        Object value = evaluate(expression, scope);
        if (value instanceof Undefined u) {
            throw u.failure();
        }
        return PyNumbers.number(value).orElseThrow(
                () -> new Failure("bad operand type for a sign: '" + Values.typeName(value) + "'"));
    }

    /** A chain such as a + b + c leans to the left; it is walked, not recursed into, since prompts have long ones. */
    private Object arithmetic(Expression.Arithmetic last, Scope scope) {
        Deque<Expression.Arithmetic> chain = new ArrayDeque<>();
        Expression first = last;
        while (first instanceof Expression.Arithmetic step) {
            chain.push(step);
            first = step.left();
        }
        Object value = evaluate(first, scope);
        for (Expression.Arithmetic step : chain) {
            Object right = evaluate(step.right(), scope);
            try {
                value = operators.apply(step.operator(), value, right);
            } catch (Failure e) {
                throw interpreter.source().error(step.at(), e);
            }
        }
        return value;
    }

    private Object comparison(Expression.Comparison comparison, Scope scope) {
        Object left = evaluate(comparison.first(), scope);
        for (Expression.Link link : comparison.links()) {
            Object right = evaluate(link.right(), scope);
            if (!holds(left, link.relation(), right)) {
                return false;
            }
            left = right;
        }
        return true;
    }

    private boolean holds(Object left, Expression.Relation relation, Object right) {
        return switch (relation) {
            case EQUAL -> compare.equal(left, right);
            case NOT_EQUAL -> !compare.equal(left, right);
            case IN -> compare.contains(right, left);
            case NOT_IN -> !compare.contains(right, left);
            case LESS -> compare.order(left, right, relation.symbol) < 0;
            case LESS_OR_EQUAL -> compare.order(left, right, relation.symbol) <= 0;
            case GREATER -> compare.order(left, right, relation.symbol) > 0;
            case GREATER_OR_EQUAL -> compare.order(left, right, relation.symbol) >= 0;
        };
    }

    private Object concat(Expression.Concat concat, Scope scope) {
        TextBuffer text = new TextBuffer(budget);
        for (Expression part : concat.parts()) {
            text.append(interpreter.format().str(evaluate(part, scope)));
        }
        return text.toString();
    }

    private Object conditional(Expression.Conditional conditional, Scope scope) {
        if (Values.truth(evaluate(conditional.test(), scope))) {
            return evaluate(conditional.then(), scope);
        }
        return conditional.otherwise().isPresent()
                ? evaluate(conditional.otherwise().get(), scope)
                : new Undefined("the inline if-expression is false and has no else");
    }

    private Object item(Expression.Item item, Scope scope) {
        Object target = evaluate(item.target(), scope);
        Values.text(target).ifPresent(budget::read);
        return Attributes.item(target, evaluate(item.key(), scope));
    }

    private Object slice(Expression.Slice slice, Scope scope) {
        Object target = evaluate(slice.target(), scope);
        budget.read(target);
        Optional<Long> start = bound(slice.start(), scope);
        Optional<Long> stop = bound(slice.stop(), scope);
        return budget.made(Slices.slice(target, start, stop, bound(slice.step(), scope).orElse(1L), budget));
    }

    private Optional<Long> bound(Optional<Expression> expression, Scope scope) {
        if (expression.isEmpty()) {
            return Optional.empty();
        }
        Object value = evaluate(expression.get(), scope);
        if (value instanceof None) {
            return Optional.empty();
        }
        return Optional.of(PyNumbers.integer(value).orElseThrow(() -> new Failure(
                "slice bounds must be integers or None, not " + Values.typeName(value))));
    }

    Object call(Object callee, Arguments arguments) {
        return switch (callee) {
            case Callable callable -> callable.call(arguments, interpreter);
            case Undefined u -> throw u.failure();
            default -> throw new Failure("'" + Values.typeName(callee) + "' object is not callable");
        };
    }

    Object filter(Object input, Expression.FilterStep step, Scope scope) {
        return Filters.apply(step.name(), input, arguments(step.arguments(), scope), interpreter);
    }

    Arguments arguments(Expression.CallArguments written, Scope scope) {
        List<Object> positional = all(written.positional(), scope);
        written.spreadList().ifPresent(list -> {
            Object spread = evaluate(list, scope);
            positional.addAll(Values.elements(spread, budget));
        });
        Map<String, Object> named = new LinkedHashMap<>();
        for (Expression.Named argument : written.named()) {
            pass(argument.name(), evaluate(argument.value(), scope), named);
        }
        written.spreadDict().ifPresent(dict -> spread(evaluate(dict, scope), named));
        return new Arguments(positional, named);
    }

    private void spread(Object dict, Map<String, Object> named) {
        if (!(dict instanceof Map<?, ?> map)) {
            throw new Failure("argument after ** must be a dict, not " + Values.typeName(dict));
        }
        budget.read(map);
        Values.dict(map).forEach((key, value) -> pass(
                Values.text(key).orElseThrow(() -> new Failure("keys after ** must be strings")), value, named));
    }

    private static void pass(String name, Object value, Map<String, Object> named) {
        if (named.put(name, value) != null) {
            throw new Failure("argument '" + name + "' is passed twice");
        }
    }
}
