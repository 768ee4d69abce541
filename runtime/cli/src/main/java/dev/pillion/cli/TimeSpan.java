package dev.pillion.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A span of time on the command line: a number and its unit, such as {@code 100ms} or {@code 1.5s}.
 *
 * @param nanos the span in nanoseconds
 */
record TimeSpan(long nanos) {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(us|ms|s|m|h|d)");
    private static final double[] UNIT_NANOS = {1e3, 1e6, 1e9, 60e9, 3600e9, 24 * 3600e9};
    private static final String[] UNITS = {"us", "ms", "s", "m", "h", "d"};
    /** A hundred years, so that sums of spans cannot overflow. */
    private static final double MOST_NANOS = 100 * 365 * 24 * 3600e9;

    /** Reads a span. */
    static final class Converter implements ITypeConverter<TimeSpan> {
        @Override
        public TimeSpan convert(String text) {
            return parse(text);
        }
    }

    /**
     * Reads a span.
     *
     * @throws TypeConversionException if it is none
     */
    static TimeSpan parse(String text) {
        Matcher matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new TypeConversionException(
                    "'" + text + "' is no span of time; give a number with its unit, such as 100ms, 1.5s, 10m or 2h");
        }
        double nanos = 0;
        for (int i = 0; i < UNITS.length; i++) {
            nanos = UNITS[i].equals(matcher.group(2)) ? Double.parseDouble(matcher.group(1)) * UNIT_NANOS[i] : nanos;
        }
        if (nanos > MOST_NANOS) {
            throw new TypeConversionException("'" + text + "' is more than a hundred years");
        }
        return new TimeSpan(Math.round(nanos));
    }

    double seconds() {
        return nanos / 1e9;
    }

    /** Seconds for people, with three digits that matter. */
    static String format(double seconds) {
        if (Double.isNaN(seconds)) {
            return "-";
        }
        if (seconds == 0) {
            return "0 s";
        }
        if (seconds < 0.9995e-3) {
            return digits(seconds * 1e6) + " us";
        }
        return seconds < 0.9995 ? digits(seconds * 1e3) + " ms" : digits(seconds) + " s";
    }

    private static String digits(double value) {
        return String.format(Locale.ROOT, value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%,.0f", value);
    }
}
