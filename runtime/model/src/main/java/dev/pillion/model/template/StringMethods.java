package dev.pillion.model.template;

import static java.util.Map.entry;

import dev.pillion.model.template.BoundMethod.Method;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Methods of strings. Left out on purpose: {@code str.format}, whose field syntax reaches attributes past the sandbox.
 */
final class StringMethods {
    private static final Map<String, Method<String>> METHODS = Map.ofEntries(
            entry("capitalize", (s, a, i) -> PyText.capitalize(s)),
            entry("count", (s, a, i) -> count(s, a.text("sub"), i)),
            entry("endswith", (s, a, i) -> affix(a.required("suffix")).stream().anyMatch(s::endsWith)),
            entry("find", (s, a, i) -> found(s, TextSearch.forwards(sought(s, a, i)).first(s, 0))),
            entry("index", (s, a, i) -> present(found(s, TextSearch.forwards(sought(s, a, i)).first(s, 0)))),
            entry("isalnum", (s, a, i) -> all(s, Character::isLetterOrDigit)),
            entry("isalpha", (s, a, i) -> all(s, Character::isLetter)),
            entry("isdigit", (s, a, i) -> all(s, Character::isDigit)),
            entry("isnumeric", (s, a, i) -> all(s, Character::isDigit)),
            entry("isdecimal", (s, a, i) -> all(s, Character::isDigit)),
            entry("isspace", (s, a, i) -> all(s, PyText::isSpace)),
            entry("islower", (s, a, i) -> isLower(s)),
            entry("isupper", (s, a, i) -> isUpper(s)),
            entry("join", (s, a, i) -> join(s, a.required("iterable"), i)),
            entry("ljust", (s, a, i) -> pad(s, 0, a.integer("width"), a.text("fillchar", " "), i)),
            entry("rjust", (s, a, i) -> pad(s, 1, a.integer("width"), a.text("fillchar", " "), i)),
            entry("lower", (s, a, i) -> PyText.lower(s)),
            entry("lstrip", (s, a, i) -> PyText.stripStart(s, strips(a))),
            entry("partition", (s, a, i) -> partition(s, sought(s, a, i))),
            entry("rpartition", (s, a, i) -> partitionFromEnd(s, sought(s, a, i))),
            entry("removeprefix", (s, a, i) -> withoutPrefix(s, a.text("prefix"))),
            entry("removesuffix", (s, a, i) -> withoutSuffix(s, a.text("suffix"))),
            entry("replace", (s, a, i) -> replace(s, a.text("old"), a.text("new"), a.integer("count", -1), i)),
            entry("rfind", (s, a, i) -> found(s, TextSearch.backwards(sought(s, a, i)).last(s, s.length()))),
            entry("rsplit", (s, a, i) -> split(s, a, i, true)),
            entry("rstrip", (s, a, i) -> PyText.stripEnd(s, strips(a))),
            entry("split", (s, a, i) -> split(s, a, i, false)),
            entry("splitlines", (s, a, i) -> PyText.lines(s, a.flag("keepends", false), i.budget())),
            entry("startswith", (s, a, i) -> affix(a.required("prefix")).stream().anyMatch(s::startsWith)),
            entry("strip", (s, a, i) -> strip(s, strips(a))),
            entry("title", (s, a, i) -> PyText.title(s)),
            entry("upper", (s, a, i) -> PyText.upper(s)),
            entry("zfill", (s, a, i) -> zeroFill(s, a.integer("width"), i)));

    private StringMethods() {}

    static Optional<Object> of(String text, String name) {
        return Optional.ofNullable(METHODS.get(name))
                .map(method -> new BoundMethod(name, text, (a, i) -> charged(method, text, a, i)));
    }

    /** The same; text that a method returns stays safe. */
    static Optional<Object> of(SafeText safe, String name) {
        return Optional.ofNullable(METHODS.get(name)).map(method -> new BoundMethod(name, safe, (a, i) -> {
            Object result = charged(method, safe.text(), a, i);
            return result instanceof String text ? new SafeText(text) : result;
        }));
    }

    private static Object charged(
            Method<String> method, String text, ArgumentReader arguments, Interpreter interpreter) {
        interpreter.budget().read(text);
        Object result = method.call(text, arguments, interpreter);
        return result == text ? text : interpreter.budget().made(result);
    }

    /** One string or a tuple of strings. */
    private static List<String> affix(Object value) {
        List<Object> affixes = value instanceof Tuple tuple ? tuple.items() : List.of(value);
        return affixes.stream()
                .map(affix -> Values.text(affix).orElseThrow(() -> affix instanceof Undefined u
                        ? u.failure()
                        : new Failure("expected a string or a tuple of strings, not " + Values.typeName(affix))))
                .toList();
    }

    private static String sought(String text, ArgumentReader arguments, Interpreter interpreter) {
        String part = arguments.text("sub");
        interpreter.budget().search(text, part);
        return part;
    }

    private static Object found(String text, int offset) {
        return offset < 0 ? -1L : (long) text.codePointCount(0, offset);
    }

    private static Object present(Object index) {
        if (index.equals(-1L)) {
            throw new Failure("substring not found");
        }
        return index;
    }

    private static Object count(String text, String part, Interpreter interpreter) {
        interpreter.budget().search(text, part);
        if (part.isEmpty()) {
            return text.codePointCount(0, text.length()) + 1L;
        }
        long count = 0;
        TextSearch search = TextSearch.forwards(part);
        for (int at = search.first(text, 0); at >= 0; at = search.first(text, at + part.length())) {
            count++;
        }
        return count;
    }

    private static boolean all(String text, IntPredicate test) {
        return !text.isEmpty() && text.codePoints().allMatch(test);
    }

    static boolean isLower(String text) {
        return text.codePoints().anyMatch(Character::isLowerCase)
                && text.codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c));
    }

    static boolean isUpper(String text) {
        return text.codePoints().anyMatch(Character::isUpperCase)
                && text.codePoints().noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c));
    }

    /** Joins strings; unlike the filter of this name it takes nothing else. */
    private static Object join(String separator, Object iterable, Interpreter interpreter) {
        TextBuffer out = new TextBuffer(interpreter.budget());
        boolean first = true;
        for (Object element : Values.elements(iterable, interpreter.budget())) {
            out.append(first ? "" : separator).append(Values.text(element).orElseThrow(
                    () -> new Failure("join() needs strings, not " + Values.typeName(element))));
            first = false;
        }
        return out.toString();
    }

    /** {@code side} 0 pads at the end, 1 at the start. */
    private static Object pad(String text, int side, long width, String fill, Interpreter interpreter) {
        long missing = Math.max(0, width - text.codePointCount(0, text.length()));
        TextBuffer out = new TextBuffer(interpreter.budget());
        return side == 0
                ? out.append(text).repeat(fill, missing).toString()
                : out.repeat(fill, missing).append(text).toString();
    }

    private static Object zeroFill(String text, long width, Interpreter interpreter) {
        int sign = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
        Object digits = pad(text.substring(sign), 1, Math.max(0, width) - sign, "0", interpreter);
        return text.substring(0, sign) + digits;
    }

    private static Object partition(String text, String separator) {
        int at = TextSearch.forwards(nonEmpty(separator)).first(text, 0);
        return at < 0
                ? Tuple.of(text, "", "")
                : Tuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
    }

    private static Object partitionFromEnd(String text, String separator) {
        int at = TextSearch.backwards(nonEmpty(separator)).last(text, text.length());
        return at < 0
                ? Tuple.of("", "", text)
                : Tuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
    }

    private static String nonEmpty(String separator) {
        if (separator.isEmpty()) {
            throw new Failure("empty separator");
        }
        return separator;
    }

    private static Object withoutPrefix(String text, String prefix) {
        return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
    }

    private static Object withoutSuffix(String text, String suffix) {
        return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
    }

    /** Replaces at most {@code most} occurrences; a negative number means all. */
    static String replace(String text, String old, String replacement, long most, Interpreter interpreter) {
        interpreter.budget().search(text, old);
        TextBuffer out = new TextBuffer(interpreter.budget());
        int copied = 0;
        TextSearch search = TextSearch.forwards(old);
        int found = search.first(text, 0);
        for (long done = 0; found >= 0 && (most < 0 || done < most); done++) {
            out.append(text.substring(copied, found)).append(replacement);
            copied = found + old.length();
            // An empty text to replace sits before every character and at the end.
            int next = old.isEmpty() ? nextCharacter(text, found) : copied;
            found = next > text.length() ? -1 : search.first(text, next);
        }
        return out.append(text.substring(copied)).toString();
    }

    private static int nextCharacter(String text, int at) {
        return at >= text.length() ? text.length() + 1 : at + Character.charCount(text.codePointAt(at));
    }

    private static Object split(String text, ArgumentReader arguments, Interpreter interpreter, boolean fromEnd) {
        Budget budget = interpreter.budget();
        Object separator = arguments.value("sep", None.NONE);
        long most = arguments.integer("maxsplit", -1);
        if (separator instanceof None) {
            return fromEnd ? PyText.wordsFromEnd(text, most, budget) : PyText.words(text, most, budget);
        }
        String part = nonEmpty(affix(separator).getFirst());
        budget.search(text, part);
        return fromEnd ? PyText.splitFromEnd(text, part, most, budget) : PyText.split(text, part, most, budget);
    }

    /** The characters that a strip method removes: white space unless the call names some. */
    static IntPredicate strips(ArgumentReader arguments) {
        Object chars = arguments.value("chars", None.NONE);
        if (chars instanceof None) {
            return PyText::isSpace;
        }
        String set = affix(chars).getFirst();
        return c -> set.indexOf(c) >= 0;
    }

    static String strip(String text, IntPredicate strips) {
        return PyText.stripEnd(PyText.stripStart(text, strips), strips);
    }
}
