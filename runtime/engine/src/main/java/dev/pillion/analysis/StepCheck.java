package dev.pillion.analysis;

import dev.pillion.scheduler.BatchShape;
import dev.pillion.scheduler.CostModel;
import dev.pillion.scheduler.StepTimeModel;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Predicted and measured times of steps that the prediction had not seen.
 *
 * @param predictedSeconds one time per composition of a step
 * @param measuredSeconds for each composition the times of its repetitions, which lie far apart
 * @param refittedSeconds for each of those what a model predicted that was refitted with all steps before it, as an
 *     engine's is
 */
public record StepCheck(double[] predictedSeconds, double[][] measuredSeconds, double[][] refittedSeconds) {
    private static final double NANOS = 1e9;

    /** Copies. */
    public StepCheck {
        predictedSeconds = predictedSeconds.clone();
        measuredSeconds = copy(measuredSeconds);
        refittedSeconds = copy(refittedSeconds);
    }

    /**
     * Predicts and compares.
     *
     * @param times what to predict with
     * @param batches compositions, which all ran once before the first ran again
     * @param measuredSeconds {@code [composition][repetition]}
     */
    static StepCheck of(StepTimes times, CostModel cost, List<BatchShape> batches, double[][] measuredSeconds) {
        double[] predicted =
                batches.stream().mapToDouble(batch -> times.seconds(cost, batch)).toArray();
        double[][] refitted = copy(measuredSeconds);
        StepTimeModel model = new StepTimeModel(new CalibratedBasis(times, cost));
        for (int repetition = 0; repetition < measuredSeconds[0].length; repetition++) {
            for (int i = 0; i < refitted.length; i++) {
                refitted[i][repetition] = model.predictNanos(batches.get(i)) / NANOS;
                model.observe(batches.get(i), (long) (measuredSeconds[i][repetition] * NANOS));
            }
        }
        return new StepCheck(predicted, measuredSeconds, refitted);
    }

    private static double[][] copy(double[][] rows) {
        return Arrays.stream(rows).map(double[]::clone).toArray(double[][]::new);
    }

    /** Median time of each composition's repetitions over what was predicted. */
    public double[] medianRatios() {
        double[] ratios = new double[predictedSeconds.length];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = Stopwatch.median(measuredSeconds[i]) / predictedSeconds[i];
        }
        return ratios;
    }

    /** Time of every single step over what was predicted. */
    public double[] singleRatios() {
        return IntStream.range(0, predictedSeconds.length)
                .boxed()
                .flatMapToDouble(i -> Arrays.stream(measuredSeconds[i]).map(time -> time / predictedSeconds[i]))
                .toArray();
    }

    /** Time of every single step over what the refitted model predicted. */
    public double[] refittedRatios() {
        return IntStream.range(0, measuredSeconds.length)
                .boxed()
                .flatMapToDouble(i -> IntStream.range(0, measuredSeconds[i].length)
                        .mapToDouble(r -> measuredSeconds[i][r] / refittedSeconds[i][r]))
                .toArray();
    }

    @Override
    public double[] predictedSeconds() {
        return predictedSeconds.clone();
    }

    @Override
    public double[][] measuredSeconds() {
        return copy(measuredSeconds);
    }

    @Override
    public double[][] refittedSeconds() {
        return copy(refittedSeconds);
    }
}
