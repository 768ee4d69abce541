package dev.pillion.model.template;

import dev.pillion.model.template.TemplateException.Kind;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/** {@code strftime} in the C locale. */
final class TimeFormat {
    /** Directives and what they are as patterns of {@link DateTimeFormatter}. */
    private static final Map<Character, String> PATTERNS = Map.ofEntries(
            Map.entry('a', "EEE"),
            Map.entry('A', "EEEE"),
            Map.entry('b', "MMM"),
            Map.entry('B', "MMMM"),
            Map.entry('d', "dd"),
            Map.entry('e', "ppd"),
            Map.entry('F', "uuuu-MM-dd"),
            Map.entry('f', "SSSSSS"),
            Map.entry('h', "MMM"),
            Map.entry('H', "HH"),
            Map.entry('I', "hh"),
            Map.entry('j', "DDD"),
            Map.entry('m', "MM"),
            Map.entry('M', "mm"),
            Map.entry('p', "a"),
            Map.entry('S', "ss"),
            Map.entry('T', "HH:mm:ss"),
            Map.entry('y', "uu"),
            Map.entry('Y', "uuuu"),
            Map.entry('z', "xx"),
            Map.entry('Z', "zzz"));

    private static final int MAX_FORMAT = 1000;

    private TimeFormat() {}

    static String format(ZonedDateTime time, String format) {
        if (format.length() > MAX_FORMAT) {
            throw new Failure(Kind.LIMIT, "over the limit: a time format longer than " + MAX_FORMAT + " characters");
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            i++;
            boolean unpadded = format.charAt(i) == '-' && i + 1 < format.length();
            i += unpadded ? 1 : 0;
            String value = directive(time, format.charAt(i));
            out.append(unpadded ? unpadded(value) : value);
        }
        return out.toString();
    }

    private static String directive(ZonedDateTime time, char directive) {
        if (directive == '%') {
            return "%";
        }
        String pattern = PATTERNS.get(directive);
        if (pattern == null) {
            throw new Failure("strftime_now() does not know %" + directive);
        }
        return DateTimeFormatter.ofPattern(pattern, Locale.US).format(time);
    }

    private static String unpadded(String value) {
        String stripped = PyText.stripStart(value, c -> c == '0' || c == ' ');
        return stripped.isEmpty() ? "0" : stripped;
    }
}
