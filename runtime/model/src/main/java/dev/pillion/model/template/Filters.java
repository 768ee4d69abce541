package dev.pillion.model.template;

import java.util.HashMap;
import java.util.Map;

/** All filters by name. */
final class Filters {
    private static final Map<String, Filter> BY_NAME = all();

    private Filters() {}

    private static Map<String, Filter> all() {
        Map<String, Filter> all = new HashMap<>();
        all.putAll(TextFilters.BY_NAME);
        all.putAll(SequenceFilters.BY_NAME);
        all.putAll(SelectionFilters.BY_NAME);
        all.putAll(ValueFilters.BY_NAME);
        return Map.copyOf(all);
    }

    static boolean exists(String name) {
        return BY_NAME.containsKey(name);
    }

    static Object apply(String name, Object input, Arguments arguments, Interpreter interpreter) {
        Filter filter = BY_NAME.get(name);
        if (filter == null) {
            throw new Failure("no filter named '" + name + "'");
        }
        Values.text(input).ifPresent(interpreter.budget()::read);
        ArgumentReader reader = new ArgumentReader("filter " + name, arguments);
        Object result = filter.apply(input, reader, interpreter);
        reader.end();
        return result == input ? input : interpreter.budget().made(result);
    }
}
