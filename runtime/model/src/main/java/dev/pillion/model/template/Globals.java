package dev.pillion.model.template;

import dev.pillion.model.template.TemplateException.Kind;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** The functions that every template can call: Jinja's own and the two that transformers adds. */
final class Globals {
    private static final List<Builtin> ALL = List.of(
            new Builtin("dict", (a, i) -> dict(a, i)),
            new Builtin("joiner", (a, i) -> joiner(i.format().str(a.value("sep", ", ")))),
            new Builtin("namespace", Globals::namespace),
            new Builtin("raise_exception", (a, i) -> {
                throw new Failure(Kind.REFUSED, i.format().str(a.required("message")));
            }),
            new Builtin("range", Globals::range),
            new Builtin("strftime_now", (a, i) -> TimeFormat.format(ZonedDateTime.now(i.clock()), a.text("format"))));

    private Globals() {}

    static void define(Scope scope) {
        ALL.forEach(function -> scope.set(function.name(), function));
    }

    private static Map<Object, Object> dict(ArgumentReader arguments, Interpreter interpreter) {
        Map<Object, Object> dict = new LinkedHashMap<>();
        Object start = arguments.value("", None.NONE);
        interpreter.budget().read(start);
        if (start instanceof Map<?, ?> map) {
            dict.putAll(map);
        } else if (!(start instanceof None)) {
            for (Object pair : Values.elements(start, interpreter.budget())) {
                List<Object> keyAndValue = Values.elements(pair, interpreter.budget());
                if (keyAndValue.size() != 2) {
                    throw new Failure("dict() needs a dict or pairs");
                }
                dict.put(Values.key(keyAndValue.get(0)), keyAndValue.get(1));
            }
        }
        dict.putAll(arguments.allNamed());
        return dict;
    }

    private static Object namespace(ArgumentReader arguments, Interpreter interpreter) {
        Namespace namespace = new Namespace();
        dict(arguments, interpreter).forEach((name, value) -> namespace.set(
                Values.text(name).orElseThrow(() -> new Failure("names in a namespace must be strings")), value));
        return namespace;
    }

    /** A function that returns nothing the first time and the separator from then on. */
    private static Object joiner(String separator) {
        AtomicBoolean used = new AtomicBoolean();
        return new Builtin("joiner", (arguments, interpreter) -> used.getAndSet(true) ? separator : "");
    }

    private static Object range(ArgumentReader arguments, Interpreter interpreter) {
        long first = arguments.integer("start");
        Optional<Object> second = arguments.optional("stop");
        long step = arguments.integer("step", 1);
        long start = second.isPresent() ? first : 0;
        long stop = second.isEmpty() ? first : PyNumbers.integer(second.get()).orElseThrow(
                () -> new Failure("range() needs integers"));
        if (step == 0) {
            throw new Failure("range() step must not be zero");
        }
        int most = interpreter.budget().limits().rangeElements();
        List<Object> elements = new ArrayList<>();
        long at = start;
        while (step > 0 ? at < stop : at > stop) {
            if (elements.size() == most) {
                throw new Failure(Kind.LIMIT, "over the limit: range() of more than " + most + " elements");
            }
            elements.add(at);
            long next = at + step;
            if (step > 0 != next > at) {
                break;
            }
            at = next;
        }
        interpreter.budget().steps(elements.size());
        return elements;
    }
}
