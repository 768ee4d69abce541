package dev.pillion.benchmarks.gpu;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The rates that bound a device, as the ceilings stage measured them on this machine.
 *
 * @param copyGigabytes device-to-device copy, bytes read and written per second, in GB/s
 * @param matmulTeraflops the vendor's library, bf16, 8192 x 8192 x 8192, in TFLOP/s
 */
public record MeasuredRates(OptionalDouble copyGigabytes, OptionalDouble matmulTeraflops) {
    /** Nothing was measured. */
    public static final MeasuredRates NONE = new MeasuredRates(OptionalDouble.empty(), OptionalDouble.empty());

    /** Takes the two rates from a file of rows. */
    public static MeasuredRates read(Optional<Path> file) {
        return file.filter(Files::exists).map(path -> of(ResultRows.read(path))).orElse(NONE);
    }

    /** Takes the highest copy bandwidth and the highest library rate of 8192 rows. */
    public static MeasuredRates of(List<ResultRow> rows) {
        return new MeasuredRates(highest(rows, "GB/s", "copy", "host"), highest(rows, "TFLOP/s", "8192", "own"));
    }

    private static OptionalDouble highest(List<ResultRow> rows, String unit, String with, String without) {
        return rows.stream()
                .filter(row -> row.stage().equals("ceilings") && row.unit().equals(unit))
                .filter(row -> text(row).contains(with) && !text(row).contains(without))
                .flatMapToDouble(row -> row.value().stream())
                .max();
    }

    private static String text(ResultRow row) {
        return (row.name() + " " + row.shape()).toLowerCase(Locale.ROOT);
    }
}
