package dev.pillion.benchmarks;

import dev.pillion.EngineOptions;
import dev.pillion.engine.StepProbe;
import dev.pillion.model.SyntheticModel;
import dev.pillion.model.TensorType;
import dev.pillion.model.architecture.ModelDescription;
import java.util.Locale;

/**
 * Decode throughput of 32 sequences that share a prefix, as the prefix grows: told to the backend (its keys and values are
 * read once for all) and untold (once for each). The prefix is random keys and values. Arguments: repetitions, shape.
 *
 * <p>Shapes: small, light, large, which is two layers of a model of 70 billion parameters, and largest, one layer of a model of
 * 405 billion. What a prefix costs depends on how many FLOP a layer spends on attention,
 * {@code 4 * prefix * heads * headDim} a token, beside those of its matrices, and small models spend many times the share
 * of large ones.
 */
public final class SharedPrefix {
    private static final int SHARERS = 32;
    private static final int[] PREFIXES = {1024, 2048, 4096, 8192, 16384};

    private SharedPrefix() {}

    /** Runs the measurement. */
    public static void main(String[] args) {
        int repetitions = Integer.parseInt(args[0]);
        ModelDescription shape = shape(args[1]);
        int kvTokens = PREFIXES[PREFIXES.length - 1] + (SHARERS + 1) * 16;
        int entries = SHARERS * (PREFIXES[PREFIXES.length - 1] / 16 + 2);
        try (StepProbe probe = new StepProbe(
                SyntheticModel.create(shape, TensorType.Q8_0, 1), EngineOptions.defaults(), 64, SHARERS, kvTokens, entries)) {
            System.err.println(probe.description());
            probe.fillPool();
            Samples[][] times = new Samples[PREFIXES.length][2];
            long[][] bytes = new long[PREFIXES.length][2];
            for (int r = -2; r < repetitions; r++) {
                for (int p = 0; p < PREFIXES.length; p++) {
                    for (int told = 0; told < 2; told++) {
                        probe.clear().sharers(SHARERS, PREFIXES[p], told == 1);
                        long before = probe.counters().kvReadBytes;
                        double millis = probe.run() / 1e6;
                        bytes[p][told] = probe.counters().kvReadBytes - before;
                        times[p][told] = times[p][told] == null ? new Samples() : times[p][told];
                        if (r >= 0) {
                            times[p][told].add(millis);
                        }
                    }
                }
            }
            print(times, bytes);
        }
    }

    private static ModelDescription shape(String name) {
        return switch (name) {
            case "small" -> Shapes.small();
            case "light" -> Shapes.attentionLight();
            case "large" -> Shapes.largeLayers();
            case "largest" -> Shapes.largestLayer();
            default -> throw new IllegalArgumentException(
                    "no shape " + name + "; there are small, light, large and largest");
        };
    }

    private static void print(Samples[][] times, long[][] bytes) {
        System.out.println("| prefix | shared: ms (min-max) | tok/s | of the 1k prefix's | KV MB read | plain: ms (min-max) | tok/s | of the 1k prefix's | KV MB read |");
        System.out.println("|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        for (int p = 0; p < PREFIXES.length; p++) {
            System.out.println("| " + PREFIXES[p] + cells(times, bytes, p, 1) + cells(times, bytes, p, 0) + " |");
        }
    }

    private static String cells(Samples[][] times, long[][] bytes, int p, int told) {
        Samples here = times[p][told];
        return String.format(
                Locale.ROOT,
                " | %.1f (%.1f-%.1f) | %.0f | %.2f | %.1f",
                here.median(),
                here.least(),
                here.most(),
                SHARERS * 1000 / here.median(),
                times[0][told].median() / here.median(),
                bytes[p][told] / 1e6);
    }
}
