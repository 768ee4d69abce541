package dev.pillion.simulator.device;

import dev.pillion.simulator.device.OperatorMeasurements.AttentionSample;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Measured over modelled time of attention, on a regular grid of octaves in up to four dimensions: chunk, tokens before it,
 * decodes, their context. Nodes that were measured have their own ratio, others the mean of the nearest measurements, weighted by
 * inverse distance; in between the logarithm is interpolated linearly along each dimension. The model has the steps that tiles
 * and waves make, so that the ratio is smooth where the time is not.
 */
final class AttentionGrid {
    private static final int NEAREST = 6;
    private static final int DIMENSIONS = 4;
    /** Octaves of the smallest and largest sizes: 8 (which stands for none) to 64 Ki. */
    private static final int[] FIRST = {3, 3, 0, 3};

    private static final int[] LAST = {12, 15, 9, 15};

    private final int[] first = new int[DIMENSIONS];
    private final int[] count = new int[DIMENSIONS];
    private final float[] logRatios;

    /** A grid over samples all of which have a chunk, or none; the same of decodes. */
    AttentionGrid(List<AttentionSample> samples, ToDoubleFunction<AttentionSample> model) {
        double[][] at = samples.stream().map(AttentionGrid::coordinates).toArray(double[][]::new);
        double[] ratios = samples.stream()
                .mapToDouble(sample -> Math.log(sample.seconds() / model.applyAsDouble(sample)))
                .toArray();
        int nodes = 1;
        for (int d = 0; d < DIMENSIONS; d++) {
            int dimension = d;
            double least = Arrays.stream(at).mapToDouble(p -> p[dimension]).min().orElse(FIRST[d]);
            double most = Arrays.stream(at).mapToDouble(p -> p[dimension]).max().orElse(FIRST[d]);
            first[d] = Math.max(FIRST[d], (int) Math.floor(least));
            count[d] = Math.min(LAST[d], (int) Math.ceil(most)) - first[d] + 1;
            nodes *= count[d];
        }
        logRatios = new float[nodes];
        double[] node = new double[DIMENSIONS];
        for (int i = 0; i < nodes; i++) {
            int rest = i;
            for (int d = DIMENSIONS - 1; d >= 0; d--) {
                node[d] = first[d] + rest % count[d];
                rest /= count[d];
            }
            logRatios[i] = (float) nearby(node, at, ratios);
        }
    }

    private static double[] coordinates(AttentionSample sample) {
        return new double[] {
            octave(sample.chunk(), 0), octave(sample.start(), 1), octave(sample.decodes(), 2), octave(sample.context(), 3)
        };
    }

    private static double octave(double size, int dimension) {
        return Math.log(Math.max(size, 1 << FIRST[dimension])) / Math.log(2);
    }

    private static double nearby(double[] node, double[][] at, double[] ratios) {
        double[] distances = new double[NEAREST];
        double[] found = new double[NEAREST];
        Arrays.fill(distances, Double.POSITIVE_INFINITY);
        for (int i = 0; i < at.length; i++) {
            double distance = 0;
            for (int d = 0; d < DIMENSIONS; d++) {
                double apart = at[i][d] - node[d];
                distance += apart * apart;
            }
            if (distance < distances[NEAREST - 1]) {
                int place = NEAREST - 1;
                for (; place > 0 && distances[place - 1] > distance; place--) {
                    distances[place] = distances[place - 1];
                    found[place] = found[place - 1];
                }
                distances[place] = distance;
                found[place] = ratios[i];
            }
        }
        double weights = 0;
        double sum = 0;
        for (int i = 0; i < NEAREST && distances[i] < Double.POSITIVE_INFINITY; i++) {
            double weight = 1 / (distances[i] * distances[i] + 1e-6);
            weights += weight;
            sum += weight * found[i];
        }
        return weights == 0 ? 0 : sum / weights;
    }

    /** What to multiply a modelled time with. */
    double ratio(double chunk, double start, double decodes, double context) {
        return Math.exp(along(0, 0, octave(chunk, 0), octave(start, 1), octave(decodes, 2), octave(context, 3)));
    }

    /** Interpolates along a dimension and all that follow, from the node counted so far. */
    private double along(int d, int node, double a, double b, double c, double e) {
        if (d == DIMENSIONS) {
            return logRatios[node];
        }
        double octave = d == 0 ? a : d == 1 ? b : d == 2 ? c : e;
        double place = Math.clamp(octave - first[d], 0, count[d] - 1);
        int below = Math.min((int) place, Math.max(0, count[d] - 2));
        double share = place - below;
        double low = along(d + 1, node * count[d] + below, a, b, c, e);
        return share == 0 ? low : low + share * (along(d + 1, node * count[d] + below + 1, a, b, c, e) - low);
    }
}
