package dev.pillion.model.template;

import static java.util.Map.entry;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Filters that make text from text. Any other value is turned into text first, as printing would. */
final class TextFilters {
    static final Map<String, Filter> BY_NAME = Map.ofEntries(
            entry("capitalize", text(PyText::capitalize)),
            entry("center", TextFilters::center),
            entry("e", TextFilters::escape),
            entry("escape", TextFilters::escape),
            entry("indent", TextFilters::indent),
            entry("lower", text(PyText::lower)),
            entry("replace", TextFilters::replace),
            entry("safe", (input, a, i) -> new SafeText(i.format().str(input))),
            entry("string", text(UnaryOperator.identity())),
            entry("title", text(TextFilters::title)),
            entry("trim", TextFilters::trim),
            entry("upper", text(PyText::upper)));

    private TextFilters() {}

    private static Filter text(UnaryOperator<String> operator) {
        return (input, arguments, interpreter) -> like(input, operator.apply(interpreter.format().str(input)));
    }

    /** Safe text stays safe. */
    private static Object like(Object input, String result) {
        return input instanceof SafeText ? new SafeText(result) : result;
    }

    private static Object center(Object input, ArgumentReader arguments, Interpreter interpreter) {
        String text = interpreter.format().str(input);
        long width = arguments.integer("width", 80);
        long missing = Math.max(0, width - text.codePointCount(0, text.length()));
        // Python puts the odd blank on the left where the width is odd, else on the right.
        long left = missing / 2 + (missing & width & 1);
        TextBuffer out = new TextBuffer(interpreter.budget());
        return like(input, out.repeat(" ", left).append(text).repeat(" ", missing - left).toString());
    }

    private static Object escape(Object input, ArgumentReader arguments, Interpreter interpreter) {
        return input instanceof SafeText ? input : SafeText.escaping(interpreter.format().str(input));
    }

    private static Object trim(Object input, ArgumentReader arguments, Interpreter interpreter) {
        String text = interpreter.format().str(input);
        return like(input, StringMethods.strip(text, StringMethods.strips(arguments)));
    }

    private static Object replace(Object input, ArgumentReader arguments, Interpreter interpreter) {
        PyFormat format = interpreter.format();
        String old = format.str(arguments.required("old"));
        String replacement = format.str(arguments.required("new"));
        Object count = arguments.value("count", None.NONE);
        long most = count instanceof None ? -1 : PyNumbers.integer(count).orElseThrow(
                () -> new Failure("filter replace needs an integer as 'count'"));
        return StringMethods.replace(format.str(input), old, replacement, most, interpreter);
    }

    /** Indents every line but the first, and no empty line, unless told otherwise. */
    private static Object indent(Object input, ArgumentReader arguments, Interpreter interpreter) {
        Object width = arguments.value("width", 4L);
        boolean first = arguments.flag("first", false);
        boolean blank = arguments.flag("blank", false);
        String text = Values.text(input).orElseThrow(() -> new Failure(
                "filter indent needs a string, not " + Values.typeName(input)));
        Optional<String> given = Values.text(width);
        TextBuffer made = new TextBuffer(interpreter.budget());
        String indent = given.isPresent()
                ? given.get()
                : made.repeat(" ", PyNumbers.integer(width).orElseThrow(() -> new Failure(
                        "filter indent needs an integer or a string as 'width'"))).toString();
        List<Object> lines = PyText.lines(text + "\n", false, interpreter.budget());
        TextBuffer out = new TextBuffer(interpreter.budget());
        for (int i = 0; i < lines.size(); i++) {
            String line = (String) lines.get(i);
            boolean indented = i == 0 ? first : blank || !line.isEmpty();
            out.append(i == 0 ? "" : "\n").append(indented ? indent : "").append(line);
        }
        return like(input, out.toString());
    }

    /** Unlike the method of this name, a word starts only after a blank, a hyphen or an opening bracket. */
    private static String title(String text) {
        StringBuilder out = new StringBuilder(text.length());
        boolean wordStart = true;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            String character = Character.toString(c);
            out.append(wordStart ? PyText.upper(character) : PyText.lower(character));
            wordStart = PyText.isSpace(c) || "-({[<".indexOf(c) >= 0;
        }
        return out.toString();
    }
}
