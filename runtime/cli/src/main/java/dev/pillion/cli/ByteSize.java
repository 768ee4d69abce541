package dev.pillion.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * An amount of memory on the command line: a number of bytes, or of K, M, G or T (powers of 1024).
 *
 * @param bytes the amount
 */
record ByteSize(long bytes) {
    static final ByteSize ZERO = new ByteSize(0);

    private static final Pattern FORM = Pattern.compile("([0-9]{1,12})([KMGT]?)(i?B)?", Pattern.CASE_INSENSITIVE);

    /** Reads an amount. */
    static final class Converter implements ITypeConverter<ByteSize> {
        @Override
        public ByteSize convert(String text) {
            Matcher matcher = FORM.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException("'" + text + "' is no size; give bytes, or a number with K, M or G");
            }
            int power = " KMGT".indexOf(matcher.group(2).isEmpty() ? " " : matcher.group(2).toUpperCase(Locale.ROOT));
            try {
                return new ByteSize(Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << (10 * power)));
            } catch (ArithmeticException e) {
                throw new TypeConversionException("'" + text + "' is more than a file or memory can hold");
            }
        }
    }

    /** The amount for people. */
    static String format(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        double amount = bytes;
        int unit = 0;
        while (amount >= 1024 && unit < units.length - 1) {
            amount /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", amount, units[unit]);
    }
}
