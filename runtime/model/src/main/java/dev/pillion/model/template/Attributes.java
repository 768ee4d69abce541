package dev.pillion.model.template;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code value.name} and {@code value[key]}. The first looks for a method and then for an element, the second the other
 * way round, so that {@code schema['items']} finds the key "items" and {@code schema.items} the method.
 */
final class Attributes {
    private Attributes() {}

    static Object attribute(Object target, String name) {
        return switch (target) {
            case Undefined u -> throw u.failure();
            case Namespace namespace -> namespace.get(name);
            case LoopState loop -> loop.attribute(name);
            case Map<?, ?> map -> method(target, name).orElseGet(() -> element(map, name));
            default -> method(target, name).orElseGet(() -> Undefined.attribute(target, name));
        };
    }

    static Object item(Object target, Object key) {
        return switch (target) {
            case Undefined u -> throw u.failure();
            case Map<?, ?> map -> Values.lookup(map, key).orElseGet(() -> byName(target, key));
            case List<?> list -> indexed(target, Values.list(list), key);
            case Tuple tuple -> indexed(target, tuple.items(), key);
            case String s -> character(target, s, key);
            case SafeText s -> character(target, s.text(), key);
            default -> byName(target, key);
        };
    }

    private static Object element(Map<?, ?> map, String name) {
        return Values.lookup(map, name).orElseGet(() -> Undefined.attribute(map, name));
    }

    private static Object indexed(Object owner, List<Object> items, Object key) {
        Optional<Long> index = PyNumbers.integer(key);
        if (index.isEmpty()) {
            return byName(owner, key);
        }
        long i = index.get() < 0 ? index.get() + items.size() : index.get();
        return i >= 0 && i < items.size() ? items.get((int) i) : Undefined.element(owner, key);
    }

    private static Object character(Object owner, String text, Object key) {
        Optional<Long> index = PyNumbers.integer(key);
        if (index.isEmpty()) {
            return byName(owner, key);
        }
        int length = text.codePointCount(0, text.length());
        long i = index.get() < 0 ? index.get() + length : index.get();
        return i >= 0 && i < length
                ? Character.toString(text.codePointAt(text.offsetByCodePoints(0, (int) i)))
                : Undefined.element(owner, key);
    }

    private static Object byName(Object target, Object key) {
        Optional<String> name = Values.text(key);
        if (name.isEmpty()) {
            return Undefined.element(target, key);
        }
        return target instanceof Map<?, ?>
                ? method(target, name.get()).orElseGet(() -> Undefined.attribute(target, name.get()))
                : attribute(target, name.get());
    }

    private static Optional<Object> method(Object target, String name) {
        return switch (target) {
            case String s -> StringMethods.of(s, name);
            case SafeText s -> StringMethods.of(s, name);
            case List<?> l -> ListMethods.of(Values.list(l), name);
            case Tuple t -> ListMethods.of(t, name);
            case Map<?, ?> m -> DictMethods.of(Values.dict(m), name);
            default -> Optional.empty();
        };
    }
}
