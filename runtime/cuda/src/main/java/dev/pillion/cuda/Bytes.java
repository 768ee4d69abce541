package dev.pillion.cuda;

import java.util.Locale;

/** Sizes in messages. */
final class Bytes {
    private Bytes() {}

    /** A size such as {@code 12 B}, {@code 64.0 MiB} or {@code 139.8 GiB}. */
    static String text(long bytes) {
        if (bytes < 1 << 10) {
            return bytes + " B";
        }
        int power = Math.min((63 - Long.numberOfLeadingZeros(bytes)) / 10, 4);
        return String.format(Locale.ROOT, "%.1f %siB", bytes / Math.pow(1024, power), "KMGT".charAt(power - 1));
    }
}
