package dev.pillion.benchmarks;

import dev.pillion.EngineOptions;
import dev.pillion.analysis.BackendChoice;
import dev.pillion.analysis.Effort;
import dev.pillion.analysis.StepCheck;
import dev.pillion.analysis.StepTimeMeasurement;
import dev.pillion.analysis.StepTimes;
import dev.pillion.model.Model;
import dev.pillion.model.SyntheticModel;
import dev.pillion.model.TensorType;
import dev.pillion.model.architecture.ModelDescription;
import dev.pillion.spi.Backend;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How well calibrated step times predict steps they have not seen, on synthetic models: what {@code pillion calibrate
 * --check} does for a model's file. Arguments: shape (see {@link Shapes#named}), weight types separated by commas, context,
 * steps to check, least repetitions of each. The last column is of single steps, each predicted after a refit with those
 * before it, as an engine does.
 */
public final class StepPrediction {
    private static final int SEQUENCES = 16;
    private static final double TOLERANCE = 0.25;

    private StepPrediction() {}

    /** Runs the measurement. */
    public static void main(String[] args) {
        ModelDescription shape = Shapes.named(args[0]);
        System.out.println("| weights | calibration s | steps | P5 | P50 | P95 | within 25 % | single steps | within 25 % | refitted: within 25 % |");
        System.out.println("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        for (String type : List.of(args[1].split(","))) {
            measure(
                    shape,
                    TensorType.valueOf(type),
                    Integer.parseInt(args[2]),
                    Integer.parseInt(args[3]),
                    Integer.parseInt(args[4]));
        }
    }

    private static void measure(ModelDescription shape, TensorType type, int context, int steps, int repetitions) {
        EngineOptions options = EngineOptions.builder().contextTokens(context).build();
        try (Model model = SyntheticModel.create(shape, type, 1);
                Backend backend = BackendChoice.open(options)) {
            StepTimeMeasurement measurement =
                    new StepTimeMeasurement(model, backend, options, SEQUENCES, Effort.FULL, what -> {});
            long start = System.nanoTime();
            StepTimes times = measurement.measure();
            double seconds = (System.nanoTime() - start) / 1e9;
            StepCheck check = measurement.check(times, steps, repetitions);
            Samples medians = new Samples();
            Arrays.stream(check.medianRatios()).forEach(medians::add);
            System.out.println(String.format(
                    Locale.ROOT,
                    "| %s | %.0f | %d | %.2f | %.2f | %.2f | %.1f %% | %d | %.1f %% | %.1f %% |",
                    type,
                    seconds,
                    steps,
                    medians.quantile(0.05),
                    medians.median(),
                    medians.quantile(0.95),
                    100 * within(check.medianRatios()),
                    check.singleRatios().length,
                    100 * within(check.singleRatios()),
                    100 * within(check.refittedRatios())));
        }
    }

    private static double within(double[] ratios) {
        return Arrays.stream(ratios).filter(ratio -> Math.abs(1 / ratio - 1) <= TOLERANCE).count()
                / (double) ratios.length;
    }
}
