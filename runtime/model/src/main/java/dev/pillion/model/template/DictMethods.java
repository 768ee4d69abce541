package dev.pillion.model.template;

import static java.util.Map.entry;

import dev.pillion.model.template.BoundMethod.Method;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Methods of dicts. */
final class DictMethods {
    private static final Map<String, Method<Map<Object, Object>>> METHODS = Map.ofEntries(
            entry("clear", (dict, a, i) -> cleared(dict)),
            entry("copy", (dict, a, i) -> i.budget().made(new LinkedHashMap<>(dict))),
            entry("fromkeys", DictMethods::fromKeys),
            entry("get", (dict, a, i) -> get(dict, a)),
            entry("items", (dict, a, i) -> i.budget().made(Values.items(dict))),
            entry("keys", (dict, a, i) -> i.budget().made(new ArrayList<>(dict.keySet()))),
            entry("pop", (dict, a, i) -> pop(dict, a)),
            entry("setdefault", (dict, a, i) -> setDefault(dict, a)),
            entry("update", DictMethods::update),
            entry("values", (dict, a, i) -> i.budget().made(new ArrayList<>(dict.values()))));

    private DictMethods() {}

    static Optional<Object> of(Map<Object, Object> dict, String name) {
        return Optional.ofNullable(METHODS.get(name))
                .map(method -> new BoundMethod(name, dict, (a, i) -> method.call(dict, a, i)));
    }

    private static Object cleared(Map<Object, Object> dict) {
        dict.clear();
        return None.NONE;
    }

    private static Object fromKeys(Map<Object, Object> dict, ArgumentReader arguments, Interpreter interpreter) {
        Object keys = arguments.required("iterable");
        Object value = arguments.value("value", None.NONE);
        Map<Object, Object> made = new LinkedHashMap<>();
        Values.elements(keys, interpreter.budget()).forEach(key -> made.put(Values.key(key), value));
        return made;
    }

    private static Object get(Map<Object, Object> dict, ArgumentReader arguments) {
        Object key = arguments.required("key");
        Object fallback = arguments.value("default", None.NONE);
        return Values.lookup(dict, key).orElse(fallback);
    }

    private static Object pop(Map<Object, Object> dict, ArgumentReader arguments) {
        Object key = Values.key(arguments.required("key"));
        Optional<Object> fallback = arguments.optional("default");
        Optional<Object> removed = Optional.ofNullable(dict.remove(key));
        return removed.or(() -> fallback).orElseThrow(() -> new Failure("pop of a key that is not in the dict"));
    }

    private static Object setDefault(Map<Object, Object> dict, ArgumentReader arguments) {
        Object key = Values.key(arguments.required("key"));
        Object value = arguments.value("default", None.NONE);
        return Optional.ofNullable(dict.putIfAbsent(key, value)).orElse(value);
    }

    private static Object update(Map<Object, Object> dict, ArgumentReader arguments, Interpreter interpreter) {
        arguments.optional("").ifPresent(other -> {
            if (!(other instanceof Map<?, ?> map)) {
                throw new Failure("update() needs a dict, not " + Values.typeName(other));
            }
            interpreter.budget().read(map);
            dict.putAll(new LinkedHashMap<>(map));
        });
        dict.putAll(arguments.allNamed());
        return None.NONE;
    }
}
