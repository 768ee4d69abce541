package dev.pillion.cli;

import java.util.SplittableRandom;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A range of lengths on the command line: {@code A:B}, both included, or one number.
 *
 * @param least the shortest
 * @param most the longest
 */
record TokenRange(int least, int most) {
    /** Reads a range. */
    static final class Converter implements ITypeConverter<TokenRange> {
        @Override
        public TokenRange convert(String text) {
            if (!text.matches("[0-9]{1,7}(:[0-9]{1,7})?")) {
                throw new TypeConversionException("'" + text + "' is no range of lengths; give A:B, such as 64:512");
            }
            String[] parts = text.split(":");
            int least = Integer.parseInt(parts[0]);
            int most = Integer.parseInt(parts[parts.length - 1]);
            if (least < 1 || most < least) {
                throw new TypeConversionException("'" + text + "' is an empty range; give A:B with 1 <= A <= B");
            }
            return new TokenRange(least, most);
        }
    }

    /** A length, each as likely as the others. */
    int draw(SplittableRandom random) {
        return random.nextInt(least, most + 1);
    }

    @Override
    public String toString() {
        return least == most ? String.valueOf(least) : least + ":" + most;
    }
}
