package dev.pillion.model.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;

/** Python's view of text: characters are code points, and white space is what {@code str.isspace} says. */
final class PyText {
    private PyText() {}

    static boolean isSpace(int c) {
        return c >= 0x09 && c <= 0x0d
                || c >= 0x1c && c <= 0x20
                || c == 0x85
                || c == 0xa0
                || c == 0x1680
                || c >= 0x2000 && c <= 0x200a
                || c == 0x2028
                || c == 0x2029
                || c == 0x202f
                || c == 0x205f
                || c == 0x3000;
    }

    /** Where {@code str.splitlines} ends a line. */
    static boolean isLineEnd(int c) {
        return c >= 0x0a && c <= 0x0d || c >= 0x1c && c <= 0x1e || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }

    static List<Object> characters(String text, Budget budget) {
        List<Object> characters = new ArrayList<>();
        text.codePoints().forEach(c -> {
            budget.part();
            characters.add(Character.toString(c));
        });
        return characters;
    }

    static String stripStart(String text, IntPredicate strips) {
        int start = 0;
        while (start < text.length() && strips.test(text.codePointAt(start))) {
            start += Character.charCount(text.codePointAt(start));
        }
        return text.substring(start);
    }

    static String stripEnd(String text, IntPredicate strips) {
        int end = text.length();
        while (end > 0 && strips.test(text.codePointBefore(end))) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return text.substring(0, end);
    }

    static String strip(String text) {
        return stripEnd(stripStart(text, PyText::isSpace), PyText::isSpace);
    }

    static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }

    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.codePointAt(0);
        return Character.toString(Character.toTitleCase(first)) + lower(text.substring(Character.charCount(first)));
    }

    /** {@code str.title}: a letter that follows no letter becomes upper case, every other one lower case. */
    static String title(String text) {
        StringBuilder out = new StringBuilder(text.length());
        boolean insideWord = false;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            out.appendCodePoint(insideWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
            insideWord = Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
        }
        return out.toString();
    }

    /** Lines without their ends. */
    static List<Object> lines(String text, boolean keepEnds, Budget budget) {
        List<Object> lines = new ArrayList<>();
        int start = 0;
        int i = 0;
        while (i < text.length()) {
            if (!isLineEnd(text.charAt(i))) {
                i++;
                continue;
            }
            int next = text.startsWith("\r\n", i) ? i + 2 : i + 1;
            budget.part();
            lines.add(text.substring(start, keepEnds ? next : i));
            start = next;
            i = next;
        }
        if (start < text.length()) {
            lines.add(text.substring(start));
        }
        return lines;
    }

    /** Parts between separators, at most {@code most} cuts from the left; a negative number means all. */
    static List<Object> split(String text, String separator, long most, Budget budget) {
        List<Object> parts = new ArrayList<>();
        TextSearch search = TextSearch.forwards(separator);
        int start = 0;
        int found = search.first(text, 0);
        while (found >= 0 && (most < 0 || parts.size() < most)) {
            budget.part();
            parts.add(text.substring(start, found));
            start = found + separator.length();
            found = search.first(text, start);
        }
        parts.add(text.substring(start));
        return parts;
    }

    static List<Object> splitFromEnd(String text, String separator, long most, Budget budget) {
        List<Object> parts = new ArrayList<>();
        TextSearch search = TextSearch.backwards(separator);
        int end = text.length();
        int found = search.last(text, end);
        while (found >= 0 && (most < 0 || parts.size() < most)) {
            budget.part();
            parts.add(text.substring(found + separator.length(), end));
            end = found;
            found = search.last(text, end);
        }
        parts.add(text.substring(0, end));
        return parts.reversed();
    }

    /** Words between runs of white space, at most {@code most} cuts from the left; what is left stays as it is. */
    static List<Object> words(String text, long most, Budget budget) {
        List<Object> words = new ArrayList<>();
        int i = skip(text, 0, true);
        while (i < text.length()) {
            if (most >= 0 && words.size() >= most) {
                words.add(text.substring(i));
                break;
            }
            int end = skip(text, i, false);
            budget.part();
            words.add(text.substring(i, end));
            i = skip(text, end, true);
        }
        return words;
    }

    static List<Object> wordsFromEnd(String text, long most, Budget budget) {
        List<Object> words = new ArrayList<>();
        int end = skipBack(text, text.length(), true);
        while (end > 0) {
            if (most >= 0 && words.size() >= most) {
                words.add(text.substring(0, end));
                break;
            }
            int start = skipBack(text, end, false);
            budget.part();
            words.add(text.substring(start, end));
            end = skipBack(text, start, true);
        }
        return words.reversed();
    }

    private static int skipBack(String text, int from, boolean space) {
        int i = from;
        while (i > 0 && isSpace(text.charAt(i - 1)) == space) {
            i--;
        }
        return i;
    }

    private static int skip(String text, int from, boolean space) {
        int i = from;
        while (i < text.length() && isSpace(text.charAt(i)) == space) {
            i++;
        }
        return i;
    }
}
