package dev.pillion.model.template;

import dev.pillion.model.template.Expression.Operator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The arithmetic operators, which also join and repeat texts and lists. */
final class Operators {
    private final Budget budget;

    Operators(Budget budget) {
        this.budget = budget;
    }

    Object apply(Operator operator, Object left, Object right) {
        Optional<Number> a = PyNumbers.number(left);
        Optional<Number> b = PyNumbers.number(right);
        if (a.isPresent() && b.isPresent()) {
            return PyNumbers.apply(operator, a.get(), b.get());
        }
        if (left instanceof Undefined u) {
            throw u.failure();
        }
        if (right instanceof Undefined u) {
            throw u.failure();
        }
        return switch (operator) {
            case ADD -> add(left, right);
            case MULTIPLY -> a.isPresent() ? repeat(right, left) : repeat(left, right);
            default -> throw unsupported(operator, left, right);
        };
    }

    private Object add(Object left, Object right) {
        Optional<String> s = Values.text(left);
        Optional<String> t = Values.text(right);
        if (s.isPresent() && t.isPresent()) {
            return join(left, s.get(), right, t.get());
        }
        if (left instanceof List<?> l && right instanceof List<?> r) {
            return concatenated(Values.list(l), Values.list(r));
        }
        if (left instanceof Tuple l && right instanceof Tuple r) {
            return new Tuple(concatenated(l.items(), r.items()));
        }
        if (s.isPresent()) {
            throw new Failure("can only concatenate str (not \"" + Values.typeName(right) + "\") to str");
        }
        throw unsupported(Operator.ADD, left, right);
    }

    private Object join(Object left, String leftText, Object right, String rightText) {
        if (!(left instanceof SafeText) && !(right instanceof SafeText)) {
            return new TextBuffer(budget).append(leftText).append(rightText).toString();
        }
        String before = left instanceof SafeText ? leftText : SafeText.escaping(leftText).text();
        String after = right instanceof SafeText ? rightText : SafeText.escaping(rightText).text();
        return new SafeText(new TextBuffer(budget).append(before).append(after).toString());
    }

    private List<Object> concatenated(List<Object> left, List<Object> right) {
        budget.steps((long) left.size() + right.size());
        List<Object> joined = new ArrayList<>(left.size() + right.size());
        joined.addAll(left);
        joined.addAll(right);
        return joined;
    }

    private Object repeat(Object value, Object count) {
        long times = Math.max(0, PyNumbers.integer(count).orElseThrow(
                () -> unsupported(Operator.MULTIPLY, value, count)));
        return switch (value) {
            case String s -> new TextBuffer(budget).repeat(s, times).toString();
            case SafeText s -> new SafeText(new TextBuffer(budget).repeat(s.text(), times).toString());
            case List<?> l -> repeated(Values.list(l), times);
            case Tuple t -> new Tuple(repeated(t.items(), times));
            default -> throw unsupported(Operator.MULTIPLY, value, count);
        };
    }

    private List<Object> repeated(List<Object> items, long times) {
        if (items.isEmpty()) {
            return new ArrayList<>();
        }
        budget.steps(times > Integer.MAX_VALUE ? Long.MAX_VALUE / 2 : times * items.size());
        List<Object> repeated = new ArrayList<>();
        for (long i = 0; i < times; i++) {
            repeated.addAll(items);
        }
        return repeated;
    }

    private static Failure unsupported(Operator operator, Object left, Object right) {
        return new Failure("unsupported operand types for " + operator.symbol + ": '" + Values.typeName(left)
                + "' and '" + Values.typeName(right) + "'");
    }
}
