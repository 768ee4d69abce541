package dev.pillion.model.template;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Python's {@code str} and {@code repr}. */
final class PyFormat {
    private final Budget budget;

    PyFormat(Budget budget) {
        this.budget = budget;
    }

    /** What printing the value writes. */
    String str(Object value) {
        return switch (value) {
            case String s -> s;
            case SafeText s -> s.text();
            case Undefined u -> "";
            default -> repr(value);
        };
    }

    private String repr(Object value) {
        TextBuffer out = new TextBuffer(budget);
        repr(value, out);
        return out.toString();
    }

    private void repr(Object value, TextBuffer out) {
        budget.enter();
        try {
            switch (value) {
                case String s -> quote(s, out);
                case SafeText s -> quote(s.text(), out.append("Markup("));
                case Long n -> out.append(n.toString());
                case Double d -> out.append(number(d));
                case Boolean b -> out.append(b ? "True" : "False");
                case None n -> out.append("None");
                case Undefined u -> out.append("Undefined");
                case List<?> l -> items(Values.list(l), out.append('[')).append(']');
                case Tuple t -> items(t.items(), out.append('(')).append(t.items().size() == 1 ? ",)" : ")");
                case Map<?, ?> m -> dict(Values.dict(m), out);
                default -> out.append("<").append(Values.typeName(value)).append(">");
            }
            if (value instanceof SafeText) {
                out.append(')');
            }
        } finally {
            budget.leave();
        }
    }

    private TextBuffer items(List<Object> items, TextBuffer out) {
        for (int i = 0; i < items.size(); i++) {
            if (i > 0) {
                out.append(", ");
            }
            repr(items.get(i), out);
        }
        return out;
    }

    private void dict(Map<Object, Object> dict, TextBuffer out) {
        out.append('{');
        Iterator<Map.Entry<Object, Object>> entries = dict.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<Object, Object> entry = entries.next();
            repr(entry.getKey(), out);
            out.append(": ");
            repr(entry.getValue(), out);
            if (entries.hasNext()) {
                out.append(", ");
            }
        }
        out.append('}');
    }

    /** The shortest digits that read back as the same double; an exponent below 1e-4 and from 1e16 on. */
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value > 0 ? "0.0" : "-0.0";
        }
        BigDecimal decimal = shortest(value);
        int exponent = decimal.precision() - decimal.scale() - 1;
        if (exponent >= -4 && exponent < 16) {
            String plain = decimal.toPlainString();
            return plain.contains(".") ? plain : plain + ".0";
        }
        String digits = decimal.unscaledValue().abs().toString();
        String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
        String magnitude = (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
        return (value < 0 ? "-" : "") + mantissa + (exponent < 0 ? "e-" : "e+") + magnitude;
    }

    /** Java writes two digits where they are nearer to the value; Python one, if it reads back the same. */
    private static BigDecimal shortest(double value) {
        BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        BigDecimal oneDigit = decimal.round(new MathContext(1));
        return oneDigit.doubleValue() == value ? oneDigit.stripTrailingZeros() : decimal;
    }

    /** Single quotes, unless the text holds some and no double ones. */
    private static void quote(String text, TextBuffer out) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        out.append(quote);
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c == quote) {
                        out.append('\\').append(quote);
                    } else {
                        out.append(PyText.isPrintable(c) ? Character.toString(c) : escape(c));
                    }
                }
            }
        }
        out.append(quote);
    }

    private static String escape(int c) {
        HexFormat hex = HexFormat.of();
        if (c < 0x100) {
            return "\\x" + hex.toHexDigits((byte) c);
        }
        return c < 0x10000 ? "\\u" + hex.toHexDigits((char) c) : "\\U" + hex.toHexDigits(c);
    }
}
