package dev.pillion.model.template;

/** Backslash escapes of string literals, which are Python's; before any other character a backslash is itself. */
final class StringEscapes {
    private StringEscapes() {}

    /**
     * Resolves the escapes of a literal.
     *
     * @throws Failure on an escape that lacks digits or names no character
     */
    static String resolve(String literal) {
        if (literal.indexOf('\\') < 0) {
            return literal;
        }
        StringBuilder out = new StringBuilder(literal.length());
        int i = 0;
        while (i < literal.length()) {
            char c = literal.charAt(i);
            i = c == '\\' && i + 1 < literal.length() ? escape(literal, i + 1, out) : plain(c, i, out);
        }
        return out.toString();
    }

    private static int plain(char c, int i, StringBuilder out) {
        out.append(c);
        return i + 1;
    }

    /** Resolves the escape whose letter is at {@code i} and returns the place after it. */
    private static int escape(String literal, int i, StringBuilder out) {
        char c = literal.charAt(i);
        switch (c) {
            case '\n' -> { }
            case '\\', '\'', '"' -> out.append(c);
            case 'n' -> out.append('\n');
            case 'r' -> out.append('\r');
            case 't' -> out.append('\t');
            case 'a' -> out.append('\u0007');
            case 'b' -> out.append('\b');
            case 'f' -> out.append('\f');
            case 'v' -> out.append('\u000b');
            case 'x' -> {
                return codePoint(literal, i + 1, 2, out);
            }
            case 'u' -> {
                return codePoint(literal, i + 1, 4, out);
            }
            case 'U' -> {
                return codePoint(literal, i + 1, 8, out);
            }
            case '0', '1', '2', '3', '4', '5', '6', '7' -> {
                return octal(literal, i, out);
            }
            default -> out.append('\\').append(c);
        }
        return i + 1;
    }

    private static int codePoint(String literal, int from, int digits, StringBuilder out) {
        int value = 0;
        for (int i = from; i < from + digits; i++) {
            int digit = i < literal.length() ? Character.digit(literal.charAt(i), 16) : -1;
            if (digit < 0 || literal.charAt(i) > 'f') {
                throw new Failure("escape in a string needs " + digits + " hexadecimal digits");
            }
            value = value << 4 | digit;
        }
        if (!Character.isValidCodePoint(value)) {
            throw new Failure("escape in a string is beyond U+10FFFF");
        }
        out.appendCodePoint(value);
        return from + digits;
    }

    private static int octal(String literal, int from, StringBuilder out) {
        int value = 0;
        int i = from;
        while (i < from + 3 && i < literal.length() && literal.charAt(i) >= '0' && literal.charAt(i) <= '7') {
            value = value * 8 + literal.charAt(i) - '0';
            i++;
        }
        out.append((char) value);
        return i;
    }
}
