package dev.pillion.model.template;

import java.util.Map;
import java.util.Optional;

/** Reads the arguments of a built-in in the order of its parameters, each by position or by name. */
final class ArgumentReader {
    private final String function;
    private final Arguments arguments;
    private int position;
    private int named;

    ArgumentReader(String function, Arguments arguments) {
        this.function = function;
        this.arguments = arguments;
    }

    String function() {
        return function;
    }

    Optional<Object> optional(String name) {
        int index = position++;
        if (index < arguments.positional().size()) {
            return Optional.of(arguments.positional().get(index));
        }
        Object value = arguments.named().get(name);
        named += value == null ? 0 : 1;
        return Optional.ofNullable(value);
    }

    Object required(String name) {
        return optional(name).orElseThrow(() -> new Failure(function + " needs the argument '" + name + "'"));
    }

    Object value(String name, Object fallback) {
        return optional(name).orElse(fallback);
    }

    boolean flag(String name, boolean fallback) {
        return optional(name).map(Values::truth).orElse(fallback);
    }

    long integer(String name, long fallback) {
        return optional(name).map(value -> asInteger(name, value)).orElse(fallback);
    }

    long integer(String name) {
        return asInteger(name, required(name));
    }

    String text(String name, String fallback) {
        return optional(name).map(value -> asText(name, value)).orElse(fallback);
    }

    String text(String name) {
        return asText(name, required(name));
    }

    private long asInteger(String name, Object value) {
        return PyNumbers.integer(value).orElseThrow(() -> wrongType(name, "an integer", value));
    }

    private String asText(String name, Object value) {
        return Values.text(value).orElseThrow(() -> wrongType(name, "a string", value));
    }

    private Failure wrongType(String name, String expected, Object value) {
        return value instanceof Undefined u
                ? u.failure()
                : new Failure(function + " needs " + expected + " as '" + name + "', not " + Values.typeName(value));
    }

    /** The arguments not read so far. */
    Arguments rest() {
        return arguments.after(Math.min(position, arguments.positional().size()));
    }

    /** The arguments by name, all of which count as read. */
    Map<String, Object> allNamed() {
        named = arguments.named().size();
        return arguments.named();
    }

    /** Fails if the call passed anything that was not read. */
    void end() {
        if (arguments.positional().size() > position) {
            throw new Failure(function + " takes at most " + position + " arguments, not "
                    + arguments.positional().size());
        }
        if (arguments.named().size() > named) {
            throw new Failure(function + " has no such named argument among " + arguments.named().keySet());
        }
    }
}
