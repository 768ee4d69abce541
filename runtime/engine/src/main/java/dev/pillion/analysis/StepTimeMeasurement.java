package dev.pillion.analysis;

import dev.pillion.EngineOptions;
import dev.pillion.analysis.StepTimer.Point;
import dev.pillion.engine.ForwardProbe;
import dev.pillion.model.Model;
import dev.pillion.model.TensorType;
import dev.pillion.scheduler.BatchShape;
import dev.pillion.scheduler.CostModel;
import dev.pillion.scheduler.Operation;
import dev.pillion.spi.Backend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Measures what the operations of a model's step take on a backend, and how far predictions from that are off.
 *
 * <p>Each kind of operation is timed in a step of its own, that of all layers in their order, at many sizes. Operations
 * that run one after the other find other things in the caches than one that runs alone, so whole steps are timed too,
 * and the times of the operations are scaled so that their sums come near those. A step is the forward pass: planning and
 * sampling are not in it.
 */
public final class StepTimeMeasurement {
    private static final int[] ROWS = {
        1, 2, 3, 4, 5, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096
    };
    private static final int[] ATTENTION_CONTEXTS = {64, 256, 1024, 4096, 16384};
    private static final int[] WHOLE_CHUNKS = {0, 16, 64, 256, Integer.MAX_VALUE};
    private static final int[] WHOLE_DECODES = {0, 1, 4, Integer.MAX_VALUE};
    private static final double[] WHOLE_CONTEXTS = {0.125, 0.75};
    private static final long CHECK_SEED = 20_251_121;

    private final CostModel cost;
    private final StepTimer timer;
    private final SplittableRandom random = new SplittableRandom(CHECK_SEED);
    private final int blockTokens;
    private final int contextTokens;
    private final int chunkTokens;
    private final int sequences;
    private final Consumer<String> progress;
    private boolean warm;

    /**
     * Prepares a measurement.
     *
     * @param model what to run
     * @param backend what to run it on; stays the caller's
     * @param options context, chunk size, KV block and KV type
     * @param sequences most sequences that decode in a step
     * @param effort how long to measure
     * @param progress hears what is being measured
     */
    public StepTimeMeasurement(
            Model model,
            Backend backend,
            EngineOptions options,
            int sequences,
            Effort effort,
            Consumer<String> progress) {
        TensorType kvType = options.kvType().orElse(backend.profile().kvTypes().getFirst());
        this.cost = new CostModel(ModelShapes.of(model, kvType));
        this.progress = progress;
        this.blockTokens = options.kvBlockTokens();
        this.sequences = sequences;
        int longest = model.description().contextLength();
        this.contextTokens = options.contextTokens() == 0 ? longest : Math.min(options.contextTokens(), longest);
        this.chunkTokens = Math.min(options.chunkTokens(), contextTokens);
        int blocks = (sequences + 1) * Math.ceilDiv(contextTokens, blockTokens);
        this.timer = new StepTimer(
                model,
                backend,
                new ForwardProbe.Capacity(
                        chunkTokens + sequences, sequences + 1, blocks, blocks, blockTokens, kvType),
                effort);
    }

    /** The cost model the times belong to. */
    public CostModel cost() {
        return cost;
    }

    /** Measures all operations, then whole steps. */
    public StepTimes measure() {
        warmUp();
        // One list for all, so that every point is measured in every stretch of time.
        List<Point> points = new ArrayList<>();
        for (Operation operation : Operation.values()) {
            for (int count : rows(operation)) {
                points.add(Point.of(operation, batchOf(operation, count)));
            }
        }
        List<SampleBatch> attended = attentionBatches();
        attended.forEach(batch -> points.add(Point.of(Operation.ATTENTION, batch)));
        List<SampleBatch> whole = wholeBatches();
        whole.forEach(batch -> points.add(Point.whole(batch)));
        Iterator<Double> seconds = Arrays.stream(timer.seconds(points, progress)).iterator();

        Map<Operation, TimeCurve> curves = new EnumMap<>(Operation.class);
        for (Operation operation : Operation.values()) {
            int[] rows = rows(operation);
            if (rows.length > 0) {
                curves.put(operation, new TimeCurve(rows, next(seconds, rows.length)));
            }
        }
        AttentionTime attention = AttentionTime.fit(cost, shapes(attended), next(seconds, attended.size()));
        return new StepTimes(curves, attention, 0).fittedTo(cost, shapes(whole), next(seconds, whole.size()));
    }

    private static double[] next(Iterator<Double> seconds, int count) {
        return DoubleStream.generate(seconds::next).limit(count).toArray();
    }

    /**
     * Runs a mixed workload of random steps, from lone decodes to full hybrid batches, and compares. All compositions run
     * once before the first runs again.
     *
     * @param times what to predict with
     * @param steps how many compositions
     * @param repetitions how often each runs at least
     */
    public StepCheck check(StepTimes times, int steps, int repetitions) {
        warmUp();
        progress.accept("running a mixed workload");
        List<SampleBatch> batches = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            batches.add(randomBatch());
        }
        return StepCheck.of(times, cost, shapes(batches), timer.singleSeconds(batches, repetitions));
    }

    /** Half of them of few tokens, which kernels of their own serve and which random steps seldom have. */
    private SampleBatch warmUpBatch() {
        return random.nextBoolean()
                ? randomBatch()
                : SampleBatch.decodes(1 + random.nextInt(Math.min(4, sequences)), 1 + random.nextInt(contextTokens));
    }

    private SampleBatch randomBatch() {
        List<SampleBatch.Segment> segments = new ArrayList<>();
        int decodes = random.nextInt(sequences + 1);
        for (int i = 0; i < decodes; i++) {
            segments.add(new SampleBatch.Segment(random.nextInt(contextTokens), 1, true));
        }
        if (decodes == 0 || random.nextBoolean()) {
            int length = 1 + random.nextInt(chunkTokens);
            int start = random.nextInt(contextTokens - length + 1);
            segments.add(new SampleBatch.Segment(start, length, random.nextBoolean()));
        }
        return SampleBatch.of(segments);
    }

    /** Numbers of rows at which an operation is measured; none for the attention, which does not go by rows. */
    private int[] rows(Operation operation) {
        if (operation == Operation.ATTENTION) {
            return new int[0];
        }
        int most = operation == Operation.LOGITS ? sequences : chunkTokens + sequences;
        return IntStream.concat(Arrays.stream(ROWS).filter(count -> count < most), IntStream.of(most)).toArray();
    }

    /** So many rows for an operation; in several segments where a context is not long enough for one. */
    private SampleBatch batchOf(Operation operation, int count) {
        if (operation == Operation.LOGITS) {
            return SampleBatch.decodes(count, 1);
        }
        int first = Math.min(count, contextTokens);
        List<SampleBatch.Segment> segments = new ArrayList<>();
        segments.add(new SampleBatch.Segment(0, first, false));
        for (int i = first; i < count; i++) {
            segments.add(new SampleBatch.Segment(0, 1, false));
        }
        return SampleBatch.of(segments);
    }

    private List<SampleBatch> attentionBatches() {
        List<SampleBatch> batches = new ArrayList<>();
        for (int wanted : ATTENTION_CONTEXTS) {
            int context = Math.min(wanted, contextTokens);
            for (int length : AttentionTime.lengths(chunkTokens)) {
                if (length <= context) {
                    batches.add(length == 1 ? SampleBatch.decodes(1, context) : SampleBatch.chunk(length, context));
                }
            }
            for (int decodes = 4; decodes / 2 < sequences; decodes *= 2) {
                batches.add(SampleBatch.decodes(Math.min(decodes, sequences), context));
            }
            if (wanted >= contextTokens) {
                break;
            }
        }
        return batches;
    }

    private List<SampleBatch> wholeBatches() {
        List<SampleBatch> batches = new ArrayList<>();
        for (double share : WHOLE_CONTEXTS) {
            int context = (int) Math.ceil(share * contextTokens);
            for (int wanted : WHOLE_CHUNKS) {
                int chunk = Math.min(wanted, Math.min(chunkTokens, context));
                for (int wantedDecodes : WHOLE_DECODES) {
                    int decodes = Math.min(wantedDecodes, sequences);
                    if (chunk > 0) {
                        batches.add(SampleBatch.hybrid(chunk, decodes, context));
                    } else if (decodes > 0) {
                        batches.add(SampleBatch.decodes(decodes, context));
                    }
                }
            }
        }
        return batches.stream().distinct().toList();
    }

    private List<BatchShape> shapes(List<SampleBatch> batches) {
        return batches.stream().map(batch -> batch.shape(cost.model(), blockTokens)).toList();
    }

    private void warmUp() {
        if (!warm) {
            warm = true;
            progress.accept("warming up");
            timer.warmUp(this::warmUpBatch);
        }
    }
}
