package dev.pillion.model.template;

import static java.util.Map.entry;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Filters that look at a list, a dict or a string as a sequence. */
final class SequenceFilters {
    static final Map<String, Filter> BY_NAME = Map.ofEntries(
            entry("batch", SequenceFilters::batch),
            entry("count", (input, a, i) -> Values.length(input)),
            entry("dictsort", SequenceFilters::dictSort),
            entry("first", (input, a, i) -> first(input, i)),
            entry("items", (input, a, i) -> items(input)),
            entry("join", SequenceFilters::join),
            entry("last", (input, a, i) -> last(input, i)),
            entry("length", (input, a, i) -> Values.length(input)),
            entry("list", (input, a, i) -> new ArrayList<>(elements(input, i))),
            entry("max", (input, a, i) -> extreme(input, a, i, -1)),
            entry("min", (input, a, i) -> extreme(input, a, i, 1)),
            entry("reverse", (input, a, i) -> reverse(input, i)),
            entry("sort", SequenceFilters::sort),
            entry("sum", SequenceFilters::sum),
            entry("unique", SequenceFilters::unique));

    private static final Undefined NO_FIRST = new Undefined("no first item, the sequence is empty");
    private static final Undefined NO_LAST = new Undefined("no last item, the sequence is empty");

    private SequenceFilters() {}

    private static Object batch(Object input, ArgumentReader arguments, Interpreter interpreter) {
        long size = arguments.integer("linecount");
        Optional<Object> fill = arguments.optional("fill_with").filter(value -> !(value instanceof None));
        if (size < 1) {
            throw new Failure("filter batch needs a positive count");
        }
        List<Object> batches = new ArrayList<>();
        List<Object> batch = new ArrayList<>();
        for (Object element : elements(input, interpreter)) {
            if (batch.size() == size) {
                batches.add(batch);
                batch = new ArrayList<>();
            }
            batch.add(element);
        }
        if (!batch.isEmpty()) {
            if (fill.isPresent()) {
                interpreter.budget().steps(size - batch.size());
                while (batch.size() < size) {
                    batch.add(fill.get());
                }
            }
            batches.add(batch);
        }
        return new OneShot(batches);
    }

    private static Object items(Object input) {
        return switch (input) {
            case Map<?, ?> map -> new OneShot(Values.items(map));
            case Undefined u -> new OneShot(List.of());
            default -> throw new Failure("can only get item pairs from a mapping, not " + Values.typeName(input));
        };
    }

    private static Object join(Object input, ArgumentReader arguments, Interpreter interpreter) {
        PyFormat format = interpreter.format();
        String separator = format.str(arguments.value("d", ""));
        UnaryOperator<Object> attribute = attribute(arguments.value("attribute", None.NONE), interpreter);
        TextBuffer out = new TextBuffer(interpreter.budget());
        boolean first = true;
        for (Object element : elements(input, interpreter)) {
            out.append(first ? "" : separator).append(format.str(attribute.apply(element)));
            first = false;
        }
        return out.toString();
    }

    private static List<Object> elements(Object input, Interpreter interpreter) {
        return Values.elements(input, interpreter.budget());
    }

    private static Object first(Object input, Interpreter interpreter) {
        if (input instanceof List<?> || input instanceof Tuple) {
            return Values.length(input) == 0 ? NO_FIRST : Attributes.item(input, 0L);
        }
        List<Object> elements = elements(input, interpreter);
        return elements.isEmpty() ? NO_FIRST : elements.getFirst();
    }

    private static Object last(Object input, Interpreter interpreter) {
        if (input instanceof OneShot) {
            throw new Failure("filter last needs a list; put |list before it");
        }
        if (input instanceof List<?> || input instanceof Tuple) {
            return Values.length(input) == 0 ? NO_LAST : Attributes.item(input, -1L);
        }
        List<Object> elements = elements(input, interpreter);
        return elements.isEmpty() ? NO_LAST : elements.getLast();
    }

    private static Object reverse(Object input, Interpreter interpreter) {
        Optional<String> text = Values.text(input);
        if (text.isPresent()) {
            return new StringBuilder(text.get()).reverse().toString();
        }
        return new OneShot(new ArrayList<>(elements(input, interpreter).reversed()));
    }

    private static Object extreme(Object input, ArgumentReader arguments, Interpreter interpreter, int sign) {
        boolean caseSensitive = arguments.flag("case_sensitive", false);
        UnaryOperator<Object> key = key(arguments.value("attribute", None.NONE), caseSensitive, interpreter);
        PyCompare compare = interpreter.compare();
        Optional<Object> best = Optional.empty();
        for (Object element : elements(input, interpreter)) {
            if (best.isEmpty() || sign * compare.order(key.apply(element), key.apply(best.get()), "<") < 0) {
                best = Optional.of(element);
            }
        }
        return best.orElse(new Undefined("no aggregated item, the sequence is empty"));
    }

    private static Object sort(Object input, ArgumentReader arguments, Interpreter interpreter) {
        boolean reverse = arguments.flag("reverse", false);
        boolean caseSensitive = arguments.flag("case_sensitive", false);
        Object attribute = arguments.value("attribute", None.NONE);
        List<UnaryOperator<Object>> keys = new ArrayList<>();
        if (attribute instanceof String several) {
            PyText.split(several, ",", -1, interpreter.budget())
                    .forEach(one -> keys.add(key(one, caseSensitive, interpreter)));
        } else {
            keys.add(key(attribute, caseSensitive, interpreter));
        }
        return sorted(elements(input, interpreter), keys, reverse, interpreter);
    }

    private static List<Object> sorted(
            List<Object> elements, List<UnaryOperator<Object>> keys, boolean reverse, Interpreter interpreter) {
        PyCompare compare = interpreter.compare();
        Comparator<Object> order = (a, b) -> {
            for (UnaryOperator<Object> key : keys) {
                int result = compare.order(key.apply(a), key.apply(b), "<");
                if (result != 0) {
                    return result;
                }
            }
            return 0;
        };
        List<Object> sorted = new ArrayList<>(elements);
        sorted.sort(reverse ? order.reversed() : order);
        return sorted;
    }

    private static Object dictSort(Object input, ArgumentReader arguments, Interpreter interpreter) {
        boolean caseSensitive = arguments.flag("case_sensitive", false);
        String by = arguments.text("by", "key");
        boolean reverse = arguments.flag("reverse", false);
        if (!by.equals("key") && !by.equals("value")) {
            throw new Failure("filter dictsort sorts by 'key' or 'value'");
        }
        if (!(input instanceof Map<?, ?> map)) {
            throw new Failure("filter dictsort needs a dict, not " + Values.typeName(input));
        }
        interpreter.budget().read(map);
        UnaryOperator<Object> key = key(by.equals("key") ? 0L : 1L, caseSensitive, interpreter);
        return sorted(Values.items(map), List.of(key), reverse, interpreter);
    }

    private static Object sum(Object input, ArgumentReader arguments, Interpreter interpreter) {
        UnaryOperator<Object> attribute = attribute(arguments.value("attribute", None.NONE), interpreter);
        Object sum = arguments.value("start", 0L);
        Operators operators = new Operators(interpreter.budget());
        for (Object element : elements(input, interpreter)) {
            sum = operators.apply(Expression.Operator.ADD, sum, attribute.apply(element));
        }
        return sum;
    }

    private static Object unique(Object input, ArgumentReader arguments, Interpreter interpreter) {
        boolean caseSensitive = arguments.flag("case_sensitive", false);
        UnaryOperator<Object> key = key(arguments.value("attribute", None.NONE), caseSensitive, interpreter);
        Set<Object> seen = new HashSet<>();
        List<Object> unique = new ArrayList<>();
        for (Object element : elements(input, interpreter)) {
            if (seen.add(Values.key(key.apply(element)))) {
                unique.add(element);
            }
        }
        return new OneShot(unique);
    }

    /** The attribute of an element, with case ignored where it is text. */
    private static UnaryOperator<Object> key(Object attribute, boolean caseSensitive, Interpreter interpreter) {
        UnaryOperator<Object> getter = attribute(attribute, interpreter);
        if (caseSensitive) {
            return getter;
        }
        return element -> {
            Object value = getter.apply(element);
            return Values.text(value).<Object>map(PyText::lower).orElse(value);
        };
    }

    /** A path such as {@code function.name} or {@code 0}, followed from an element; None is the element itself. */
    static UnaryOperator<Object> attribute(Object path, Interpreter interpreter) {
        if (path instanceof None) {
            return UnaryOperator.identity();
        }
        Optional<String> text = Values.text(path);
        List<Object> parts = text.isEmpty()
                ? List.of(path)
                : PyText.split(text.get(), ".", -1, interpreter.budget()).stream()
                        .map(part -> PyNumbers.parseInteger((String) part).<Object>map(n -> n).orElse(part))
                        .toList();
        return element -> {
            Object value = element;
            for (Object part : parts) {
                interpreter.budget().steps(1);
                Values.text(value).ifPresent(interpreter.budget()::read);
                value = Attributes.item(value, part);
            }
            return value;
        };
    }
}
