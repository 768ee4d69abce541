package dev.pillion.model.template;

import static java.util.Map.entry;

import dev.pillion.model.ModelFormatException;
import dev.pillion.model.json.Json;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Filters on single values: defaults, numbers and JSON. */
final class ValueFilters {
    static final Map<String, Filter> BY_NAME = Map.ofEntries(
            entry("abs", (input, a, i) -> abs(input)),
            entry("attr", (input, a, i) -> Attributes.attribute(input, a.text("name"))),
            entry("d", ValueFilters::defaulted),
            entry("default", ValueFilters::defaulted),
            entry("float", ValueFilters::toFloat),
            entry("from_json", ValueFilters::fromJson),
            entry("int", ValueFilters::toInt),
            entry("round", ValueFilters::round),
            entry("tojson", ValueFilters::toJson));

    private ValueFilters() {}

    private static Object defaulted(Object input, ArgumentReader arguments, Interpreter interpreter) {
        Object fallback = arguments.value("default_value", "");
        boolean alsoFalse = arguments.flag("boolean", false);
        return input instanceof Undefined || alsoFalse && !Values.truth(input) ? fallback : input;
    }

    private static Object abs(Object input) {
        Number number = number(input);
        return PyNumbers.compare(number, 0L) < 0 ? PyNumbers.negate(number) : number;
    }

    private static Number number(Object input) {
        if (input instanceof Undefined u) {
            throw u.failure();
        }
        return PyNumbers.number(input).orElseThrow(
                () -> new Failure("a number is needed, not " + Values.typeName(input)));
    }

    private static Object toInt(Object input, ArgumentReader arguments, Interpreter interpreter) {
        Object fallback = arguments.value("default", 0L);
        long base = arguments.integer("base", 10);
        if (input instanceof Undefined u) {
            throw u.failure();
        }
        Optional<String> text = Values.text(input);
        if (text.isPresent()) {
            Optional<Long> integer = base == 10 ? PyNumbers.parseInteger(text.get()) : inBase(text.get(), base);
            return integer.isPresent()
                    ? integer.get()
                    : PyNumbers.parseFloat(text.get()).flatMap(ValueFilters::truncated).orElse(fallback);
        }
        Optional<Number> number = PyNumbers.number(input);
        return number.isEmpty()
                ? fallback
                : number.get() instanceof Long n ? n : truncated(number.get().doubleValue()).orElse(fallback);
    }

    private static Optional<Long> inBase(String text, long base) {
        if (base < 2 || base > 36) {
            throw new Failure("filter int needs a base from 2 to 36");
        }
        String digits = PyText.lower(PyText.strip(text));
        String prefix = base == 16 ? "0x" : base == 8 ? "0o" : base == 2 ? "0b" : "";
        try {
            return Optional.of(Long.valueOf(digits.startsWith(prefix) ? digits.substring(prefix.length()) : digits,
                    (int) base));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Optional<Object> truncated(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Optional.empty();
        }
        if (Math.abs(value) >= 0x1p63) {
            throw new Failure("integer " + PyFormat.number(value) + " does not fit 64 bits");
        }
        return Optional.of((long) value);
    }

    private static Object toFloat(Object input, ArgumentReader arguments, Interpreter interpreter) {
        Object fallback = arguments.value("default", 0.0);
        if (input instanceof Undefined u) {
            throw u.failure();
        }
        Optional<String> text = Values.text(input);
        return text.isPresent()
                ? PyNumbers.parseFloat(text.get()).<Object>map(d -> d).orElse(fallback)
                : PyNumbers.number(input).<Object>map(Number::doubleValue).orElse(fallback);
    }

    private static Object round(Object input, ArgumentReader arguments, Interpreter interpreter) {
        int digits = (int) Math.clamp(arguments.integer("precision", 0), -400, 400);
        RoundingMode mode = switch (arguments.text("method", "common")) {
            case "common" -> RoundingMode.HALF_EVEN;
            case "ceil" -> RoundingMode.CEILING;
            case "floor" -> RoundingMode.FLOOR;
            default -> throw new Failure("filter round knows the methods common, ceil and floor");
        };
        Number number = number(input);
        double value = number.doubleValue();
        if (number instanceof Long n && mode == RoundingMode.HALF_EVEN && digits >= 0) {
            return n;
        }
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return value;
        }
        double rounded = new BigDecimal(value).setScale(digits, mode).doubleValue();
        return number instanceof Long && mode == RoundingMode.HALF_EVEN ? (Object) (long) rounded : (Object) rounded;
    }

    /** Parameters in the order of the function that transformers installs. */
    private static Object toJson(Object input, ArgumentReader arguments, Interpreter interpreter) {
        boolean asciiOnly = arguments.flag("ensure_ascii", false);
        Object indent = arguments.value("indent", None.NONE);
        Object separators = arguments.value("separators", None.NONE);
        boolean sortKeys = arguments.flag("sort_keys", false);
        boolean lines = !(indent instanceof None);
        String comma = lines ? "," : ", ";
        String colon = ": ";
        if (separators instanceof Tuple || separators instanceof List<?>) {
            List<Object> pair = Values.elements(separators, interpreter.budget());
            if (pair.size() != 2) {
                throw new Failure("filter tojson needs two separators");
            }
            comma = interpreter.format().str(pair.get(0));
            colon = interpreter.format().str(pair.get(1));
        }
        String indentText = lines ? indentText(indent, interpreter) : "";
        PyJson.Layout layout = new PyJson.Layout(asciiOnly, sortKeys, lines, indentText, comma, colon);
        return PyJson.write(input, layout, interpreter.budget());
    }

    private static String indentText(Object indent, Interpreter interpreter) {
        return Values.text(indent).orElseGet(() -> new TextBuffer(interpreter.budget())
                .repeat(" ", PyNumbers.integer(indent).orElseThrow(
                        () -> new Failure("filter tojson needs an integer or a string as 'indent'")))
                .toString());
    }

    private static Object fromJson(Object input, ArgumentReader arguments, Interpreter interpreter) {
        String text = Values.text(input).orElseThrow(
                () -> new Failure("filter from_json needs a string, not " + Values.typeName(input)));
        // Every value takes at least two characters, "0,", and values are what fills memory.
        interpreter.budget().steps(text.length() / 2);
        try {
            return Inputs.copy(Json.parse(text, Path.of("from_json")), "from_json");
        } catch (ModelFormatException e) {
            throw new Failure("filter from_json: " + e.getMessage());
        }
    }
}
