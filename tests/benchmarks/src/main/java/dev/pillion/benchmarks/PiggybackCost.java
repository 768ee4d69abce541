package dev.pillion.benchmarks;

import dev.pillion.EngineOptions;
import dev.pillion.analysis.BackendChoice;
import dev.pillion.analysis.Effort;
import dev.pillion.analysis.SampleBatch;
import dev.pillion.analysis.StepTimeMeasurement;
import dev.pillion.analysis.StepTimes;
import dev.pillion.benchmarks.PiggybackTable.Row;
import dev.pillion.engine.StepProbe;
import dev.pillion.model.Model;
import dev.pillion.model.SyntheticModel;
import dev.pillion.model.TensorType;
import dev.pillion.model.architecture.ModelDescription;
import dev.pillion.scheduler.CostModel;
import dev.pillion.spi.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a decode costs: alone, in a batch of decodes, and riding on a prompt chunk (Sarathi, table 2), beside what the
 * calibrated cost model predicts for the same step. Arguments: see {@link PiggybackOptions#parse}.
 *
 * <p>The cost of riding is a small difference of two long steps on a machine that now and then slows down for seconds. So
 * the chunk with the decodes and the chunk without run one right after the other, now this first and now that, and the
 * medians and quartiles of the differences of the pairs are reported, not the differences of medians. The calibration
 * runs before in the same process, on compositions of its own.
 */
public final class PiggybackCost {
    private static final int BLOCK_TOKENS = 16;

    private final PiggybackOptions options;
    private final StepProbe probe;
    private final CostModel cost;
    private final StepTimes times;

    private PiggybackCost(PiggybackOptions options, StepProbe probe, CostModel cost, StepTimes times) {
        this.options = options;
        this.probe = probe;
        this.cost = cost;
        this.times = times;
    }

    /** Runs the measurement. */
    public static void main(String[] args) throws IOException {
        PiggybackOptions options = PiggybackOptions.parse(args);
        List<String> csv = new ArrayList<>(List.of(PiggybackTable.csvHead()));
        for (TensorType type : options.types()) {
            csv.addAll(measure(options, type));
            // After each type, so that what was measured is there if a later one is cut short.
            if (options.csv().isPresent()) {
                Files.write(options.csv().get(), csv);
            }
        }
    }

    private static List<String> measure(PiggybackOptions options, TensorType type) {
        ModelDescription shape = Shapes.named(options.shape());
        Model model = SyntheticModel.create(shape, type, 1);
        int longest = Math.max(options.context(), options.longestChunk());
        EngineOptions engine = EngineOptions.builder()
                .contextTokens(longest)
                .chunkTokens(options.longestChunk())
                .kvBlockTokens(BLOCK_TOKENS)
                .build();
        long start = System.nanoTime();
        CostModel cost;
        StepTimes times;
        try (Backend backend = BackendChoice.open(engine)) {
            // Three rounds, the fewest there are.
            Effort effort = new Effort(0, 0, 0.05, 5, 3, 0, 4, 0);
            StepTimeMeasurement measurement =
                    new StepTimeMeasurement(model, backend, engine, options.mostDecodes(), effort, what -> {});
            cost = measurement.cost();
            times = measurement.measure();
        }
        double calibrated = (System.nanoTime() - start) / 1e9;
        int blocks = (options.mostDecodes() + 1) * Math.ceilDiv(longest, BLOCK_TOKENS);
        int tokens = options.longestChunk() + options.mostDecodes();
        try (StepProbe probe = new StepProbe(
                model, engine, tokens, options.mostDecodes() + 1, blocks * BLOCK_TOKENS, blocks)) {
            PiggybackTable table = new PiggybackTable(options, type);
            List<Row> rows = new PiggybackCost(options, probe, cost, times).rows();
            System.out.println(String.format(
                    Locale.ROOT,
                    "%n%s, %d M linear parameters, %.0f MB of weights, context %d, %d repetitions, %s; calibration %.0f s, "
                            + "all %.0f s%n",
                    type,
                    Shapes.linearParameters(shape) / 1_000_000,
                    type.bytesFor(Shapes.linearParameters(shape)) / 1e6,
                    options.context(),
                    options.repetitions(),
                    probe.description(),
                    calibrated,
                    (System.nanoTime() - start) / 1e9));
            table.print(rows);
            return table.csv();
        }
    }

    private List<Row> rows() {
        int chunks = options.chunks().length;
        int batches = options.batches().length;
        Samples[] alone = samples(batches);
        Samples[] chunk = samples(chunks);
        Samples[] both = samples(chunks * batches);
        Samples[] difference = samples(chunks * batches);
        // The calibration has compiled the code; this touches the probe's own memory.
        run(options.longestChunk(), options.mostDecodes());
        for (int repetition = 0; repetition < options.repetitions(); repetition++) {
            for (int b = 0; b < batches; b++) {
                alone[b].add(run(0, options.batches()[b]));
            }
            for (int i = 0; i < chunks * batches; i++) {
                int length = options.chunks()[i / batches];
                int decodes = options.batches()[i % batches];
                boolean bothFirst = (repetition + i) % 2 == 0;
                double first = run(length, bothFirst ? decodes : 0);
                double second = run(length, bothFirst ? 0 : decodes);
                both[i].add(bothFirst ? first : second);
                chunk[i / batches].add(bothFirst ? second : first);
                difference[i].add((bothFirst ? first - second : second - first) / decodes);
            }
        }
        List<Row> rows = new ArrayList<>();
        for (int b = 0; b < batches; b++) {
            int decodes = options.batches()[b];
            double predicted = predicted(0, decodes);
            rows.add(new Row(0, decodes, alone[b], predicted, alone[b].dividedBy(decodes), predicted / decodes));
        }
        for (int c = 0; c < chunks; c++) {
            int length = options.chunks()[c];
            rows.add(new Row(length, 0, chunk[c], predicted(length, 0), new Samples(), 0));
            for (int b = 0; b < batches; b++) {
                int decodes = options.batches()[b];
                double predicted = predicted(length, decodes);
                rows.add(new Row(
                        length,
                        decodes,
                        both[c * batches + b],
                        predicted,
                        difference[c * batches + b],
                        (predicted - predicted(length, 0)) / decodes));
            }
        }
        return rows;
    }

    private static Samples[] samples(int count) {
        Samples[] samples = new Samples[count];
        for (int i = 0; i < count; i++) {
            samples[i] = new Samples();
        }
        return samples;
    }

    /** Milliseconds of a step. */
    private double run(int chunk, int decodes) {
        probe.clear();
        int next = decodes == 0 ? 0 : probe.decodes(decodes, options.context(), 0);
        if (chunk > 0) {
            probe.chunk(0, chunk, next);
        }
        return probe.run() / 1e6;
    }

    /** Milliseconds of the same step by the calibration. */
    private double predicted(int chunk, int decodes) {
        List<SampleBatch.Segment> segments = new ArrayList<>();
        for (int i = 0; i < decodes; i++) {
            segments.add(new SampleBatch.Segment(options.context() - 1, 1, true));
        }
        if (chunk > 0) {
            segments.add(new SampleBatch.Segment(0, chunk, false));
        }
        return 1e3 * times.seconds(cost, SampleBatch.of(segments).shape(cost.model(), BLOCK_TOKENS));
    }
}
