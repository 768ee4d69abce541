package dev.pillion.model.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** {@code map}, and the filters that keep the elements for which a test holds. */
final class SelectionFilters {
    static final Map<String, Filter> BY_NAME = Map.of(
            "map", SelectionFilters::map,
            "reject", (input, a, i) -> select(input, UnaryOperator.identity(), a, i, false),
            "rejectattr", (input, a, i) -> select(input, attribute(a, i), a, i, false),
            "select", (input, a, i) -> select(input, UnaryOperator.identity(), a, i, true),
            "selectattr", (input, a, i) -> select(input, attribute(a, i), a, i, true));

    private SelectionFilters() {}

    /** Applies another filter, named by the first argument, or takes an attribute. */
    private static Object map(Object input, ArgumentReader arguments, Interpreter interpreter) {
        Arguments given = arguments.rest();
        List<Object> mapped = new ArrayList<>();
        if (given.positional().isEmpty()) {
            Optional<Object> path = Optional.ofNullable(arguments.allNamed().get("attribute"));
            UnaryOperator<Object> attribute = SequenceFilters.attribute(path.orElseThrow(
                    () -> new Failure("filter map needs the name of a filter or an attribute")), interpreter);
            Optional<Object> fallback = Optional.ofNullable(given.named().get("default"));
            for (Object element : elements(input, interpreter)) {
                Object value = attribute.apply(element);
                mapped.add(value instanceof Undefined ? fallback.orElse(value) : value);
            }
            return new OneShot(mapped);
        }
        Arguments rest = nameRead(arguments, given);
        for (Object element : elements(input, interpreter)) {
            mapped.add(Filters.apply(text(given.positional().getFirst()), element, rest, interpreter));
        }
        return new OneShot(mapped);
    }

    /** An input that is false has no elements, even None, which no loop would accept. */
    private static List<Object> elements(Object input, Interpreter interpreter) {
        return Values.truth(input) ? Values.elements(input, interpreter.budget()) : List.of();
    }

    private static UnaryOperator<Object> attribute(ArgumentReader arguments, Interpreter interpreter) {
        return SequenceFilters.attribute(arguments.required("attribute"), interpreter);
    }

    private static Object select(
            Object input,
            UnaryOperator<Object> subject,
            ArgumentReader arguments,
            Interpreter interpreter,
            boolean wanted) {
        Arguments given = arguments.rest();
        boolean byTruth = given.positional().isEmpty();
        Arguments rest = byTruth ? given : nameRead(arguments, given);
        List<Object> selected = new ArrayList<>();
        for (Object element : elements(input, interpreter)) {
            Object value = subject.apply(element);
            boolean holds = byTruth
                    ? Values.truth(value)
                    : Values.truth(Tests.test(text(given.positional().getFirst()), value, rest, interpreter));
            if (holds == wanted) {
                selected.add(element);
            }
        }
        return new OneShot(selected);
    }

    /** The arguments after the name of a filter or test, which that one checks. */
    private static Arguments nameRead(ArgumentReader arguments, Arguments given) {
        given.positional().forEach(argument -> arguments.required("name"));
        arguments.allNamed();
        return given.after(1);
    }

    private static String text(Object name) {
        return Values.text(name).orElseThrow(() -> new Failure("the name of a filter or test must be a string"));
    }
}
