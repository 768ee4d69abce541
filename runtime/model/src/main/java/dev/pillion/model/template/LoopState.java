package dev.pillion.model.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The {@code loop} variable: where a {@code for} loop is. */
final class LoopState implements Callable {
    /** Runs the loop's body over other elements, for <code>{% for … recursive %}</code>. */
    interface Recursion {
        Object over(Object elements, int depth);
    }

    private final LoopItems items;
    private final int depth;
    private final Optional<Recursion> recursion;
    private int index = -1;
    private Object previous = new Undefined("there is no previous item");
    private Object current = previous;
    private Optional<List<Object>> lastChanged = Optional.empty();

    LoopState(LoopItems items, int depth, Optional<Recursion> recursion) {
        this.items = items;
        this.depth = depth;
        this.recursion = recursion;
    }

    boolean hasNext() {
        return items.hasNext();
    }

    /** Moves to the next element and returns it. */
    Object next() {
        Object next = items.next();
        if (index >= 0) {
            previous = current;
        }
        current = next;
        index++;
        return next;
    }

    Object attribute(String name) {
        return switch (name) {
            case "index" -> index + 1L;
            case "index0" -> (long) index;
            case "revindex" -> items.remaining() + 1L;
            case "revindex0" -> (long) items.remaining();
            case "first" -> index == 0;
            case "last" -> !items.hasNext();
            case "length" -> index + 1L + items.remaining();
            case "previtem" -> previous;
            case "nextitem" -> items.hasNext() ? items.peek() : new Undefined("there is no next item");
            case "depth" -> depth + 1L;
            case "depth0" -> (long) depth;
            case "cycle" -> new Builtin("loop.cycle", (arguments, interpreter) -> cycle(arguments));
            case "changed" -> new Builtin("loop.changed", this::changed);
            default -> Undefined.attribute(this, name);
        };
    }

    private Object cycle(ArgumentReader arguments) {
        List<Object> values = all(arguments);
        if (values.isEmpty()) {
            throw new Failure("loop.cycle() needs values");
        }
        return values.get(index % values.size());
    }

    private Object changed(ArgumentReader arguments, Interpreter interpreter) {
        List<Object> values = all(arguments);
        boolean same = lastChanged.isPresent() && interpreter.compare().equal(lastChanged.get(), values);
        lastChanged = Optional.of(values);
        return !same;
    }

    private static List<Object> all(ArgumentReader arguments) {
        List<Object> values = new ArrayList<>();
        for (Optional<Object> v = arguments.optional(""); v.isPresent(); v = arguments.optional("")) {
            values.add(v.get());
        }
        return values;
    }

    @Override
    public Object call(Arguments arguments, Interpreter interpreter) {
        ArgumentReader reader = new ArgumentReader("loop()", arguments);
        Object elements = reader.required("iterable");
        reader.end();
        return recursion
                .orElseThrow(() -> new Failure("loop() needs a loop marked 'recursive'"))
                .over(elements, depth + 1);
    }
}
