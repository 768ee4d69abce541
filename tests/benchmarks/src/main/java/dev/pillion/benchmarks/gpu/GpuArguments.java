package dev.pillion.benchmarks.gpu;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Options of a measuring program.
 *
 * @param virtual whether the virtual GPU stands in for a device; shapes are tiny then
 * @param time what the program may take
 * @param out file the rows go to
 * @param ceilings rows measured before, from which rates that bound others are taken
 * @param temporary folder for a model file
 */
public record GpuArguments(
        boolean virtual, Duration time, Path out, Optional<Path> ceilings, Optional<Path> temporary) {

    /**
     * Reads {@code --driver native|virtual --minutes M --out FILE [--ceilings FILE] [--temporary FOLDER]}.
     *
     * @throws IllegalArgumentException if an option is unknown or one of the first three is missing
     */
    public static GpuArguments parse(String[] args) {
        String driver = "";
        double minutes = 0;
        Optional<Path> out = Optional.empty();
        Optional<Path> ceilings = Optional.empty();
        Optional<Path> temporary = Optional.empty();
        for (int i = 0; i + 1 < args.length; i += 2) {
            String value = args[i + 1];
            switch (args[i]) {
                case "--driver" -> driver = value;
                case "--minutes" -> minutes = Double.parseDouble(value);
                case "--out" -> out = Optional.of(Path.of(value));
                case "--ceilings" -> ceilings = Optional.of(Path.of(value));
                case "--temporary" -> temporary = Optional.of(Path.of(value));
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            }
        }
        if (args.length % 2 != 0 || out.isEmpty() || !(minutes > 0)) {
            throw new IllegalArgumentException("give --driver native|virtual --minutes M --out FILE");
        }
        if (!driver.equals("native") && !driver.equals("virtual")) {
            throw new IllegalArgumentException("--driver is native or virtual, not \"" + driver + "\"");
        }
        return new GpuArguments(
                driver.equals("virtual"), Duration.ofMillis((long) (minutes * 60_000)), out.get(), ceilings, temporary);
    }

    /** Name of the engine's backend. */
    public String backend() {
        return virtual ? "virtual-gpu" : "cuda";
    }
}
