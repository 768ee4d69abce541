package dev.pillion.analysis;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Predicted and measured times of steps that the prediction had not seen.
 *
 * @param predictedSeconds one time per composition of a step
 * @param measuredSeconds for each composition the times of its repetitions, which lie far apart
 */
public record StepCheck(double[] predictedSeconds, double[][] measuredSeconds) {
    /** Copies. */
    public StepCheck {
        predictedSeconds = predictedSeconds.clone();
        measuredSeconds = Arrays.stream(measuredSeconds).map(double[]::clone).toArray(double[][]::new);
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

    @Override
    public double[] predictedSeconds() {
        return predictedSeconds.clone();
    }

    @Override
    public double[][] measuredSeconds() {
        return Arrays.stream(measuredSeconds).map(double[]::clone).toArray(double[][]::new);
    }
}
