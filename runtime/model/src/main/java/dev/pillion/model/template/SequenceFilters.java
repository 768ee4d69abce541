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
            entry("first", (input, a, i) -> Values.elements(input).stream()
                    .findFirst()
                    .orElse(new Undefined("no first item, the sequence is empty"))),
            entry("items", (input, a, i) -> items(input)),
            entry("join", SequenceFilters::join),
            entry("last", (input, a, i) -> last(input)),
            entry("length", (input, a, i) -> Values.length(input)),
            entry("list", (input, a, i) -> new ArrayList<>(Values.elements(input))),
            entry("max", (input, a, i) -> extreme(input, a, i, -1)),
            entry("min", (input, a, i) -> extreme(input, a, i, 1)),
            entry("reverse", (input, a, i) -> reverse(input)),
            entry("sort", SequenceFilters::sort),
            entry("sum", SequenceFilters::sum),
            entry("unique", SequenceFilters::unique));

    private SequenceFilters() {}

    private static Object batch(Object input, ArgumentReader arguments, Interpreter interpreter) {
        long size = arguments.integer("linecount");
        Optional<Object> fill = arguments.optional("fill_with").filter(value -> !(value instanceof None));
        if (size < 1) {
            throw new Failure("filter batch needs a positive count");
        }
        List<Object> batches = new ArrayList<>();
        List<Object> batch = new ArrayList<>();
        for (Object element : Values.elements(input)) {
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
        UnaryOperator<Object> attribute = attribute(arguments.value("attribute", None.NONE));
        TextBuffer out = new TextBuffer(interpreter.budget());
        boolean first = true;
        for (Object element : Values.elements(input)) {
            out.append(first ? "" : separator).append(format.str(attribute.apply(element)));
            first = false;
        }
        return out.toString();
    }

    private static Object last(Object input) {
        if (input instanceof OneShot) {
            throw new Failure("filter last needs a list; put |list before it");
        }
        List<Object> elements = Values.elements(input);
        return elements.isEmpty() ? new Undefined("no last item, the sequence is empty") : elements.getLast();
    }

    private static Object reverse(Object input) {
        Optional<String> text = Values.text(input);
        if (text.isPresent()) {
            return new StringBuilder(text.get()).reverse().toString();
        }
        return new OneShot(new ArrayList<>(Values.elements(input).reversed()));
    }

    private static Object extreme(Object input, ArgumentReader arguments, Interpreter interpreter, int sign) {
        boolean caseSensitive = arguments.flag("case_sensitive", false);
        UnaryOperator<Object> key = key(arguments.value("attribute", None.NONE), caseSensitive);
        PyCompare compare = interpreter.compare();
        Optional<Object> best = Optional.empty();
        for (Object element : Values.elements(input)) {
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
            PyText.split(several, ",", -1).forEach(one -> keys.add(key(one, caseSensitive)));
        } else {
            keys.add(key(attribute, caseSensitive));
        }
        return sorted(Values.elements(input), keys, reverse, interpreter);
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
        return sorted(Values.items(map), List.of(key(by.equals("key") ? 0L : 1L, caseSensitive)), reverse, interpreter);
    }

    private static Object sum(Object input, ArgumentReader arguments, Interpreter interpreter) {
        UnaryOperator<Object> attribute = attribute(arguments.value("attribute", None.NONE));
        Object sum = arguments.value("start", 0L);
        Operators operators = new Operators(interpreter.budget());
        for (Object element : Values.elements(input)) {
            sum = operators.apply(Expression.Operator.ADD, sum, attribute.apply(element));
        }
        return sum;
    }

    private static Object unique(Object input, ArgumentReader arguments, Interpreter interpreter) {
        boolean caseSensitive = arguments.flag("case_sensitive", false);
        UnaryOperator<Object> key = key(arguments.value("attribute", None.NONE), caseSensitive);
        Set<Object> seen = new HashSet<>();
        List<Object> unique = new ArrayList<>();
        for (Object element : Values.elements(input)) {
            if (seen.add(Values.key(key.apply(element)))) {
                unique.add(element);
            }
        }
        return new OneShot(unique);
    }

    /** The attribute of an element, with case ignored where it is text. */
    private static UnaryOperator<Object> key(Object attribute, boolean caseSensitive) {
        UnaryOperator<Object> getter = attribute(attribute);
        if (caseSensitive) {
            return getter;
        }
        return element -> {
            Object value = getter.apply(element);
            return Values.text(value).<Object>map(PyText::lower).orElse(value);
        };
    }

    /** A path such as {@code function.name} or {@code 0}, followed from an element; None stands for the element itself. */
    static UnaryOperator<Object> attribute(Object path) {
        if (path instanceof None) {
            return UnaryOperator.identity();
        }
        Optional<String> text = Values.text(path);
        if (text.isEmpty()) {
            return element -> Attributes.item(element, path);
        }
        List<Object> parts = PyText.split(text.get(), ".", -1).stream()
                .map(part -> PyNumbers.parseInteger((String) part).<Object>map(n -> n).orElse(part))
                .toList();
        return element -> {
            Object value = element;
            for (Object part : parts) {
                value = Attributes.item(value, part);
            }
            return value;
        };
    }
}
