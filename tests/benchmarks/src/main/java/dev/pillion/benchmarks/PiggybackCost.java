package dev.pillion.benchmarks;

import dev.pillion.EngineOptions;
import dev.pillion.engine.StepProbe;
import dev.pillion.model.SyntheticModel;
import dev.pillion.model.TensorType;
import dev.pillion.model.architecture.ModelDescription;
import java.util.List;
import java.util.Locale;

/**
 * What a decode costs: alone, in a batch of decodes, and riding on a prompt chunk (Sarathi, table 2). Prints medians over
 * repetitions that interleave the compositions. Arguments: repetitions, weight types separated by commas.
 */
public final class PiggybackCost {
    private static final int CONTEXT = 512;
    private static final int[] BATCHES = {1, 8, 32};
    private static final int[] CHUNKS = {128, 512};

    private PiggybackCost() {}

    /** Runs the measurement. */
    public static void main(String[] args) {
        int repetitions = Integer.parseInt(args[0]);
        for (String type : List.of(args[1].split(","))) {
            measure(TensorType.valueOf(type), repetitions);
        }
    }

    private static void measure(TensorType type, int repetitions) {
        ModelDescription shape = Shapes.medium();
        EngineOptions options = EngineOptions.defaults();
        int kvTokens = 33 * (CONTEXT + 16) + 1024;
        try (StepProbe probe = new StepProbe(SyntheticModel.create(shape, type, 1), options, 600, 40, kvTokens, 4096)) {
            System.err.println(type + ": " + probe.description());
            Samples[] decode = new Samples[BATCHES.length];
            Samples[] chunk = new Samples[CHUNKS.length];
            Samples[][] both = new Samples[CHUNKS.length][BATCHES.length];
            for (int r = -1; r < repetitions; r++) {
                for (int b = 0; b < BATCHES.length; b++) {
                    probe.clear().decodes(BATCHES[b], CONTEXT, 0);
                    decode[b] = note(decode[b], probe, r);
                }
                for (int c = 0; c < CHUNKS.length; c++) {
                    probe.clear().chunk(0, CHUNKS[c], 0);
                    chunk[c] = note(chunk[c], probe, r);
                    for (int b = 0; b < BATCHES.length; b++) {
                        probe.clear();
                        int next = probe.decodes(BATCHES[b], CONTEXT, 0);
                        probe.chunk(0, CHUNKS[c], next);
                        both[c][b] = note(both[c][b], probe, r);
                    }
                }
            }
            print(type, shape, decode, chunk, both);
        }
    }

    private static Samples note(Samples samples, StepProbe probe, int round) {
        Samples kept = samples == null ? new Samples() : samples;
        double millis = probe.run() / 1e6;
        if (round >= 0) {
            kept.add(millis);
        }
        return kept;
    }

    private static void print(
            TensorType type, ModelDescription shape, Samples[] decode, Samples[] chunk, Samples[][] both) {
        double alone = decode[0].median();
        System.out.println();
        System.out.println(String.format(
                Locale.ROOT,
                "%s, %d M linear parameters, %.0f MB of weights",
                type,
                Shapes.linearParameters(shape) / 1_000_000,
                type.bytesFor(Shapes.linearParameters(shape)) / 1e6));
        System.out.println();
        System.out.println("| step | ms (min-max) | ms per decode | share of a batch-1 decode step |");
        System.out.println("|---|---:|---:|---:|");
        for (int b = 0; b < BATCHES.length; b++) {
            row("decode x " + BATCHES[b], decode[b], decode[b].median() / BATCHES[b], alone);
        }
        for (int c = 0; c < CHUNKS.length; c++) {
            System.out.println(String.format(
                    Locale.ROOT,
                    "| chunk %d | %.1f (%.1f-%.1f) | | |",
                    CHUNKS[c],
                    chunk[c].median(),
                    chunk[c].least(),
                    chunk[c].most()));
            for (int b = 0; b < BATCHES.length; b++) {
                double extra = (both[c][b].median() - chunk[c].median()) / BATCHES[b];
                row("chunk " + CHUNKS[c] + " + " + BATCHES[b] + " decodes", both[c][b], extra, alone);
            }
        }
    }

    private static void row(String name, Samples samples, double perDecode, double alone) {
        System.out.println(String.format(
                Locale.ROOT,
                "| %s | %.1f (%.1f-%.1f) | %.2f | %.3f |",
                name,
                samples.median(),
                samples.least(),
                samples.most(),
                perDecode,
                perDecode / alone));
    }
}
