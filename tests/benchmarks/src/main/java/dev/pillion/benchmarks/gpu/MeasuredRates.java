package dev.pillion.benchmarks.gpu;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The rates that bound a device, as {@link Ceilings} measured them on this machine.
 *
 * @param copyGigabytes device-to-device copy, bytes read and written per second, in GB/s
 * @param matmulTeraflops the vendor's library, bf16, a large square product, in TFLOP/s
 */
record MeasuredRates(OptionalDouble copyGigabytes, OptionalDouble matmulTeraflops) {
    /** Nothing was measured. */
    static final MeasuredRates NONE = new MeasuredRates(OptionalDouble.empty(), OptionalDouble.empty());

    /** Takes the two rates from a file of rows. */
    static MeasuredRates read(Optional<Path> file) {
        return file.filter(Files::exists).map(path -> of(ResultRows.read(path))).orElse(NONE);
    }

    /** Takes the two rates from rows; of layers' products, whose shapes begin with a name and a comma, neither is taken. */
    static MeasuredRates of(List<ResultRow> rows) {
        return new MeasuredRates(value(rows, "copy on the device", "GB/s"), value(rows, "matrix product bf16", "TFLOP/s"));
    }

    private static OptionalDouble value(List<ResultRow> rows, String name, String unit) {
        return rows.stream()
                .filter(row -> row.stage().equals("ceilings") && row.name().equals(name) && row.unit().equals(unit))
                .filter(row -> !row.shape().contains(","))
                .flatMapToDouble(row -> row.value().stream())
                .max();
    }
}
