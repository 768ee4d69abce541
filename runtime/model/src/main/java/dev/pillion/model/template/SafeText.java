package dev.pillion.model.template;

/**
 * Text marked as HTML by {@code |safe} or {@code |escape}. Adding other text to it escapes that text, as it does in
 * Jinja even where automatic escaping is off; everywhere else it behaves as a string.
 */
record SafeText(String text) {
    static SafeText escaping(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            switch (text.charAt(i)) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&#34;");
                case '\'' -> out.append("&#39;");
                default -> out.append(text.charAt(i));
            }
        }
        return new SafeText(out.toString());
    }
}
