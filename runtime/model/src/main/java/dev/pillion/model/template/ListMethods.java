package dev.pillion.model.template;

import static java.util.Map.entry;

import dev.pillion.model.template.BoundMethod.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Methods of lists and tuples. Changing a list is allowed, since every list belongs to the one render. */
final class ListMethods {
    private static final Map<String, Method<List<Object>>> READING = Map.of(
            "count", ListMethods::count,
            "index", ListMethods::index);

    private static final Map<String, Method<List<Object>>> CHANGING = Map.ofEntries(
            entry("append", (list, a, i) -> changed(list.add(a.required("object")))),
            entry("clear", (list, a, i) -> cleared(list)),
            entry("copy", (list, a, i) -> i.budget().made(new ArrayList<>(list))),
            entry("extend", ListMethods::extend),
            entry("insert", ListMethods::insert),
            entry("pop", (list, a, i) -> pop(list, a.integer("index", -1), i)));

    private ListMethods() {}

    static Optional<Object> of(List<Object> list, String name) {
        return Optional.ofNullable(READING.getOrDefault(name, CHANGING.get(name)))
                .map(method -> new BoundMethod(name, list, (a, i) -> method.call(list, a, i)));
    }

    static Optional<Object> of(Tuple tuple, String name) {
        return Optional.ofNullable(READING.get(name))
                .map(method -> new BoundMethod(name, tuple, (a, i) -> method.call(tuple.items(), a, i)));
    }

    private static Object changed(boolean ignored) {
        return None.NONE;
    }

    private static Object cleared(List<Object> list) {
        list.clear();
        return None.NONE;
    }

    private static Object count(List<Object> list, ArgumentReader arguments, Interpreter interpreter) {
        Object sought = arguments.required("value");
        long count = 0;
        for (Object element : list) {
            count += interpreter.compare().equal(element, sought) ? 1 : 0;
        }
        return count;
    }

    private static Object index(List<Object> list, ArgumentReader arguments, Interpreter interpreter) {
        Object sought = arguments.required("value");
        for (int i = 0; i < list.size(); i++) {
            if (interpreter.compare().equal(list.get(i), sought)) {
                return (long) i;
            }
        }
        throw new Failure("the value is not in the list");
    }

    private static Object extend(List<Object> list, ArgumentReader arguments, Interpreter interpreter) {
        Object more = arguments.required("iterable");
        return changed(list.addAll(List.copyOf(Values.elements(more, interpreter.budget()))));
    }

    private static Object insert(List<Object> list, ArgumentReader arguments, Interpreter interpreter) {
        shift(list, interpreter);
        long index = arguments.integer("index");
        long fromStart = index < 0 ? index + list.size() : index;
        list.add((int) Math.clamp(fromStart, 0L, (long) list.size()), arguments.required("object"));
        return None.NONE;
    }

    /** Elements after the place move, which is fast but not free. */
    private static void shift(List<Object> list, Interpreter interpreter) {
        interpreter.budget().steps(list.size() / 64);
    }

    private static Object pop(List<Object> list, long index, Interpreter interpreter) {
        shift(list, interpreter);
        long fromStart = index < 0 ? index + list.size() : index;
        if (fromStart < 0 || fromStart >= list.size()) {
            throw new Failure(list.isEmpty() ? "pop from an empty list" : "pop index out of range");
        }
        return list.remove((int) fromStart);
    }
}
