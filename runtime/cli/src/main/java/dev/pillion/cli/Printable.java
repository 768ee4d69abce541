package dev.pillion.cli;

/**
 * Text from files and servers as it may be shown on a terminal: control characters, which could move the cursor or
 * change the terminal, become escapes.
 */
final class Printable {
    private Printable() {}

    /** The text on one line, with control characters as Java writes them. */
    static String of(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            switch (Character.getType(c)) {
                case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
                        Character.SURROGATE -> out.append(escape(c));
                default -> out.appendCodePoint(c);
            }
        });
        return out.toString();
    }

    private static String escape(int c) {
        return switch (c) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> String.format(c > 0xffff ? "\\u{%x}" : "\\u%04x", c);
        };
    }
}
