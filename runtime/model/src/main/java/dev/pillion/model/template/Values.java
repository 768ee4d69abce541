package dev.pillion.model.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The kinds of values and what all of them answer.
 *
 * <p>A value is a String, {@link SafeText}, Long, Double, Boolean, {@link None}, {@link Undefined}, List,
 * {@link Tuple}, Map, {@link OneShot}, {@link Namespace}, or a {@link Callable}. Lists and maps belong to the render;
 * what the caller passed in is copied, so a template cannot change it. Integers have 64 bits; beyond is a failure.
 */
final class Values {
    private Values() {}

    /** The name of the type, for messages. */
    static String typeName(Object value) {
        return switch (value) {
            case String s -> "str";
            case SafeText s -> "Markup";
            case Long n -> "int";
            case Double d -> "float";
            case Boolean b -> "bool";
            case None n -> "NoneType";
            case Undefined u -> "Undefined";
            case List<?> l -> "list";
            case Tuple t -> "tuple";
            case Map<?, ?> m -> "dict";
            case OneShot o -> "generator";
            case Namespace n -> "Namespace";
            case LoopState l -> "LoopContext";
            default -> "function";
        };
    }

    /** The subject of a message about a missing attribute. */
    static String describe(Object value) {
        return value instanceof None ? "None" : typeName(value) + " object";
    }

    static boolean truth(Object value) {
        return switch (value) {
            case String s -> !s.isEmpty();
            case SafeText s -> !s.text().isEmpty();
            case Long n -> n != 0;
            case Double d -> d != 0;
            case Boolean b -> b;
            case None n -> false;
            case Undefined u -> false;
            case List<?> l -> !l.isEmpty();
            case Tuple t -> !t.items().isEmpty();
            case Map<?, ?> m -> !m.isEmpty();
            default -> true;
        };
    }

    /** The characters of a string or safe text. */
    static Optional<String> text(Object value) {
        return switch (value) {
            case String s -> Optional.of(s);
            case SafeText s -> Optional.of(s.text());
            default -> Optional.empty();
        };
    }

    /** The elements that a loop over the value visits; the list may be the value itself. Visiting them is charged. */
    static List<Object> elements(Object value, Budget budget) {
        budget.read(value);
        return switch (value) {
            case List<?> l -> list(l);
            case Tuple t -> t.items();
            case Map<?, ?> m -> new ArrayList<>(m.keySet());
            case String s -> PyText.characters(s, budget);
            case SafeText s -> PyText.characters(s.text(), budget);
            case OneShot o -> o.drain();
            case Undefined u -> List.of();
            default -> throw new Failure("'" + typeName(value) + "' object is not iterable");
        };
    }

    static long length(Object value) {
        return switch (value) {
            case String s -> s.codePointCount(0, s.length());
            case SafeText s -> s.text().codePointCount(0, s.text().length());
            case List<?> l -> l.size();
            case Tuple t -> t.items().size();
            case Map<?, ?> m -> m.size();
            case Undefined u -> 0;
            default -> throw new Failure("object of type '" + typeName(value) + "' has no len()");
        };
    }

    /** A value as the key of a dict. */
    static Object key(Object value) {
        return switch (value) {
            case String s -> s;
            case SafeText s -> s.text();
            case Long n -> n;
            case Double d -> d;
            case Boolean b -> b;
            case None n -> n;
            case Undefined u -> throw u.failure();
            default -> throw new Failure("a dict key of type '" + typeName(value) + "' is not supported");
        };
    }

    /** The value under a key. A value that cannot be a key finds nothing. */
    static Optional<Object> lookup(Map<?, ?> dict, Object key) {
        return switch (key) {
            case String s -> Optional.ofNullable(dict(dict).get(s));
            case SafeText s -> Optional.ofNullable(dict(dict).get(s.text()));
            case Long n -> Optional.ofNullable(dict(dict).get(n));
            case Double d -> Optional.ofNullable(dict(dict).get(d));
            case Boolean b -> Optional.ofNullable(dict(dict).get(b));
            case None n -> Optional.ofNullable(dict(dict).get(n));
            default -> Optional.empty();
        };
    }

    @SuppressWarnings("unchecked")
    static List<Object> list(List<?> value) {
        return (List<Object>) value;
    }

    @SuppressWarnings("unchecked")
    static Map<Object, Object> dict(Map<?, ?> value) {
        return (Map<Object, Object>) value;
    }

    /** The pairs of a dict. */
    static List<Object> items(Map<?, ?> value) {
        List<Object> pairs = new ArrayList<>(value.size());
        dict(value).forEach((key, element) -> pairs.add(Tuple.of(key, element)));
        return pairs;
    }

    /** A dict whose keys are names. */
    static Map<Object, Object> dictOf(Map<String, Object> named) {
        return new LinkedHashMap<>(named);
    }
}
