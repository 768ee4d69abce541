package dev.pillion.model.template;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Equality, order and membership. Every element looked at is charged, since a value can contain itself. */
final class PyCompare {
    private final Budget budget;

    PyCompare(Budget budget) {
        this.budget = budget;
    }

    boolean equal(Object left, Object right) {
        budget.enter();
        try {
            Optional<Number> a = PyNumbers.number(left);
            Optional<Number> b = PyNumbers.number(right);
            if (a.isPresent() && b.isPresent()) {
                return PyNumbers.equal(a.get(), b.get());
            }
            Optional<String> s = Values.text(left);
            Optional<String> t = Values.text(right);
            if (s.isPresent() && t.isPresent()) {
                budget.read(s.get());
                return s.get().equals(t.get());
            }
            return switch (left) {
                case List<?> l -> right instanceof List<?> r && equalItems(Values.list(l), Values.list(r));
                case Tuple l -> right instanceof Tuple r && equalItems(l.items(), r.items());
                case Map<?, ?> l -> right instanceof Map<?, ?> r && equalDicts(Values.dict(l), Values.dict(r));
                case Undefined u -> right instanceof Undefined;
                default -> left == right;
            };
        } finally {
            budget.leave();
        }
    }

    private boolean equalItems(List<Object> left, List<Object> right) {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!equal(left.get(i), right.get(i))) {
                return false;
            }
        }
        return true;
    }

    private boolean equalDicts(Map<Object, Object> left, Map<Object, Object> right) {
        if (left.size() != right.size()) {
            return false;
        }
        for (Map.Entry<Object, Object> entry : left.entrySet()) {
            Object other = right.get(entry.getKey());
            if (other == null || !equal(entry.getValue(), other)) {
                return false;
            }
        }
        return true;
    }

    /** Negative, zero or positive as {@code left} sorts before, with or after {@code right}. */
    int order(Object left, Object right, String operator) {
        budget.enter();
        try {
            Optional<Number> a = PyNumbers.number(left);
            Optional<Number> b = PyNumbers.number(right);
            if (a.isPresent() && b.isPresent()) {
                return PyNumbers.compare(a.get(), b.get());
            }
            Optional<String> s = Values.text(left);
            Optional<String> t = Values.text(right);
            if (s.isPresent() && t.isPresent()) {
                budget.read(s.get());
                return byCodePoint(s.get(), t.get());
            }
            if (left instanceof List<?> l && right instanceof List<?> r) {
                return orderItems(Values.list(l), Values.list(r), operator);
            }
            if (left instanceof Tuple l && right instanceof Tuple r) {
                return orderItems(l.items(), r.items(), operator);
            }
            throw unordered(left, right, operator);
        } finally {
            budget.leave();
        }
    }

    private int orderItems(List<Object> left, List<Object> right, String operator) {
        for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
            if (!equal(left.get(i), right.get(i))) {
                return order(left.get(i), right.get(i), operator);
            }
        }
        return Integer.compare(left.size(), right.size());
    }

    private static Failure unordered(Object left, Object right, String operator) {
        if (left instanceof Undefined u) {
            return u.failure();
        }
        if (right instanceof Undefined u) {
            return u.failure();
        }
        return new Failure("'" + operator + "' not supported between instances of '" + Values.typeName(left) + "' and '"
                + Values.typeName(right) + "'");
    }

    /** Java orders strings by UTF-16 unit, which puts characters beyond U+FFFF before some below it. */
    private static int byCodePoint(String left, String right) {
        int common = Math.min(left.length(), right.length());
        for (int i = 0; i < common; i++) {
            char a = left.charAt(i);
            char b = right.charAt(i);
            if (a != b) {
                return Character.isSurrogate(a) != Character.isSurrogate(b)
                        ? (Character.isSurrogate(a) ? 1 : -1)
                        : Character.compare(a, b);
            }
        }
        return Integer.compare(left.length(), right.length());
    }

    /** {@code element in container}. */
    boolean contains(Object container, Object element) {
        Optional<String> text = Values.text(container);
        if (text.isPresent()) {
            String part = Values.text(element).orElseThrow(() -> element instanceof Undefined u
                    ? u.failure()
                    : new Failure("'in <string>' requires string as left operand, not " + Values.typeName(element)));
            budget.search(text.get(), part);
            return TextSearch.forwards(part).first(text.get(), 0) >= 0;
        }
        if (container instanceof Map<?, ?> map) {
            return Values.lookup(map, element).isPresent();
        }
        for (Object candidate : Values.elements(container, budget)) {
            if (equal(candidate, element)) {
                return true;
            }
        }
        return false;
    }
}
