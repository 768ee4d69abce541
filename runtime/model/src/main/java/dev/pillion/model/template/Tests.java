package dev.pillion.model.template;

import static java.util.Map.entry;

import dev.pillion.model.template.Expression.Operator;
import java.util.List;
import java.util.Map;

/** The tests after {@code is}. */
final class Tests {
    /** What a test asks. */
    private interface Check {
        boolean holds(Object input, ArgumentReader arguments, Interpreter interpreter);
    }

    private static final Map<String, Check> BY_NAME = Map.ofEntries(
            entry("boolean", (v, a, i) -> v instanceof Boolean),
            entry("callable", (v, a, i) -> v instanceof Callable || v instanceof Undefined),
            entry("defined", (v, a, i) -> !(v instanceof Undefined)),
            entry("divisibleby", (v, a, i) -> remainder(v, a.required("num"), i) == 0),
            entry("escaped", (v, a, i) -> v instanceof SafeText),
            entry("even", (v, a, i) -> remainder(v, 2L, i) == 0),
            entry("false", (v, a, i) -> v.equals(false)),
            entry("filter", (v, a, i) -> v instanceof String name && Filters.exists(name)),
            entry("float", (v, a, i) -> v instanceof Double),
            entry("in", (v, a, i) -> i.compare().contains(a.required("seq"), v)),
            entry("integer", (v, a, i) -> v instanceof Long),
            entry("iterable", (v, a, i) -> isSequence(v) || v instanceof OneShot),
            entry("lower", (v, a, i) -> StringMethods.isLower(text(v, i))),
            entry("mapping", (v, a, i) -> v instanceof Map<?, ?>),
            entry("none", (v, a, i) -> v instanceof None),
            entry("number", (v, a, i) -> PyNumbers.number(v).isPresent()),
            entry("odd", (v, a, i) -> remainder(v, 2L, i) == 1),
            entry("sameas", (v, a, i) -> same(v, a.required("other"))),
            entry("sequence", (v, a, i) -> isSequence(v)),
            entry("string", (v, a, i) -> Values.text(v).isPresent()),
            entry("test", (v, a, i) -> v instanceof String name && exists(name)),
            entry("true", (v, a, i) -> v.equals(true)),
            entry("undefined", (v, a, i) -> v instanceof Undefined),
            entry("upper", (v, a, i) -> StringMethods.isUpper(text(v, i))),
            entry("==", (v, a, i) -> i.compare().equal(v, a.required("other"))),
            entry("!=", (v, a, i) -> !i.compare().equal(v, a.required("other"))),
            entry("<", (v, a, i) -> i.compare().order(v, a.required("other"), "<") < 0),
            entry("<=", (v, a, i) -> i.compare().order(v, a.required("other"), "<=") <= 0),
            entry(">", (v, a, i) -> i.compare().order(v, a.required("other"), ">") > 0),
            entry(">=", (v, a, i) -> i.compare().order(v, a.required("other"), ">=") >= 0));

    private static final Map<String, String> ALIASES = Map.ofEntries(
            entry("eq", "=="),
            entry("equalto", "=="),
            entry("ne", "!="),
            entry("lt", "<"),
            entry("lessthan", "<"),
            entry("le", "<="),
            entry("gt", ">"),
            entry("greaterthan", ">"),
            entry("ge", ">="));

    private Tests() {}

    private static boolean exists(String name) {
        return BY_NAME.containsKey(ALIASES.getOrDefault(name, name));
    }

    static Object test(String name, Object input, Arguments arguments, Interpreter interpreter) {
        Check check = BY_NAME.get(ALIASES.getOrDefault(name, name));
        if (check == null) {
            throw new Failure("no test named '" + name + "'");
        }
        ArgumentReader reader = new ArgumentReader("test " + name, arguments);
        boolean holds = check.holds(input, reader, interpreter);
        reader.end();
        return holds;
    }

    private static String text(Object value, Interpreter interpreter) {
        interpreter.budget().read(value);
        return interpreter.format().str(value);
    }

    /** Everything that has a length and elements; in Python that includes dicts and undefined values. */
    private static boolean isSequence(Object value) {
        return value instanceof List<?>
                || value instanceof Tuple
                || value instanceof Map<?, ?>
                || value instanceof Undefined
                || Values.text(value).isPresent();
    }

    /** The same object; texts and numbers count as one object where they are equal. */
    private static boolean same(Object left, Object right) {
        boolean plain = left instanceof String || left instanceof Number || left instanceof Boolean;
        return plain ? left.equals(right) : left == right;
    }

    private static double remainder(Object value, Object divisor, Interpreter interpreter) {
        Object remainder = new Operators(interpreter.budget()).apply(Operator.MODULO, value, divisor);
        return ((Number) remainder).doubleValue();
    }
}
