package dev.pillion.benchmarks.gpu;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What the measuring programs are told on the command line.
 *
 * @param virtual whether the virtual GPU is measured rather than a device
 * @param limit how long the program may take
 * @param out file that takes the rows
 * @param only text that a line's name, shape or kernel contains, empty for all lines
 */
public record GpuOptions(boolean virtual, Duration limit, Path out, String only) {
    static final String USAGE = "--driver native|virtual [--minutes M] --out rows.json [--only NAME]";

    private static final double DEFAULT_MINUTES = 10;

    /**
     * Reads the arguments.
     *
     * @throws IllegalArgumentException if one is unknown, lacks its value or is missing; the message says which
     */
    public static GpuOptions parse(String... args) {
        String driver = "";
        String out = "";
        String only = "";
        double minutes = DEFAULT_MINUTES;
        for (int i = 0; i < args.length; i += 2) {
            if (i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + " needs a value; usage: " + USAGE);
            }
            String value = args[i + 1];
            switch (args[i]) {
                case "--driver" -> driver = value;
                case "--minutes" -> minutes = minutes(value);
                case "--out" -> out = value;
                case "--only" -> only = value;
                default -> throw new IllegalArgumentException("no option " + args[i] + "; usage: " + USAGE);
            }
        }
        if (!driver.equals("native") && !driver.equals("virtual")) {
            throw new IllegalArgumentException("--driver is \"" + driver + "\"; allowed: native, virtual; usage: " + USAGE);
        }
        if (out.isEmpty()) {
            throw new IllegalArgumentException("--out is missing; usage: " + USAGE);
        }
        return new GpuOptions(
                driver.equals("virtual"), Duration.ofMillis((long) (minutes * 60_000)), Path.of(out), only);
    }

    private static double minutes(String value) {
        try {
            double minutes = Double.parseDouble(value);
            if (minutes > 0 && minutes < 1e6) {
                return minutes;
            }
        } catch (NumberFormatException e) {
            // Falls through to the message below, which says more than this one.
        }
        throw new IllegalArgumentException("--minutes is \"" + value + "\"; allowed: numbers above 0");
    }
}
