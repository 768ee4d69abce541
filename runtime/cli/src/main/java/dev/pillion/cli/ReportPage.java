package dev.pillion.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A report as one HTML page that needs nothing beside itself: style, script and the report's JSON are part of it, and a policy
 * in its head forbids it to load anything. The page's script draws what the JSON holds.
 *
 * <p>The page is well-formed XML too. Text from the command line and from files stands in it only as escaped text or as JSON in
 * which no character means anything to a reader of markup.
 */
final class ReportPage {
    private static final String FOLDER = "report/";
    private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z]+)}}");

    private ReportPage() {}

    /**
     * The page.
     *
     * @param title what was simulated
     * @param command the command line that made it
     * @param report values that {@link JsonOutput} writes
     */
    static String of(String title, String command, Map<String, Object> report) {
        Map<String, String> parts = Map.of(
                "title", escape(title),
                "command", escape(command),
                "style", resource("page.css"),
                "script", resource("chart.js") + resource("page.js"),
                "report", inScript(JsonOutput.text(report)));
        return PLACE.matcher(resource("page.html"))
                .replaceAll(place -> Matcher.quoteReplacement(parts.get(place.group(1))));
    }

    /** Writes the page to a file. */
    static void write(Path file, String page) {
        try {
            Files.writeString(file, page);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the page", e);
        }
    }

    /** Text that is no markup; control characters, which XML does not allow, are shown as escapes. */
    private static String escape(String text) {
        return Printable.of(text)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    /**
     * JSON that can stand within a script element: what could end the element, or begin a comment or an entity in it, is
     * written as an escape, which JSON allows within strings, where alone such characters occur.
     */
    private static String inScript(String json) {
        StringBuilder out = new StringBuilder(json.length() + 64);
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            switch (c) {
                case '<', '>', '&', '\u2028', '\u2029', '\ufffe', '\uffff', '\u007f' -> escaped(out, c);
                default -> {
                    if (Character.isSurrogate(c)) {
                        escaped(out, c);
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.toString();
    }

    private static void escaped(StringBuilder out, char c) {
        out.append(String.format("\\u%04x", (int) c));
    }

    private static String resource(String name) {
        try (InputStream in = ReportPage.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IllegalStateException("the command is built without its page " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the page's " + name, e);
        }
    }
}
