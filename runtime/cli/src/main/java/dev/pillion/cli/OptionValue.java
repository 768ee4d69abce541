package dev.pillion.cli;

import java.util.function.Supplier;

/** Values of options that the library checks. */
final class OptionValue {
    private OptionValue() {}

    /** What the supplier makes; what it refuses as an illegal argument is the user's mistake in these options. */
    static <T> T checked(String options, Supplier<T> supplier) {
        try {
            return supplier.get();
        } catch (IllegalArgumentException e) {
            throw new CliException(ExitCode.USAGE, options + ": " + e.getMessage(), e);
        }
    }
}
