package dev.pillion.memory;

import java.util.Locale;

/** Byte counts as people read them. */
final class ByteCount {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private ByteCount() {
    }

    /** For instance {@code 1.50 GiB}; {@code unlimited} for a limit that is not there. */
    static String text(long bytes) {
        if (bytes == MemoryBudget.UNLIMITED) {
            return "unlimited";
        }
        int unit = 0;
        double value = bytes;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.2f %s", value, UNITS[unit]);
    }
}
