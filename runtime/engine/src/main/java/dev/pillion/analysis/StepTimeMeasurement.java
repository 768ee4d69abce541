package dev.pillion.analysis;

import dev.pillion.EngineOptions;
import dev.pillion.analysis.StepTimer.Point;
import dev.pillion.engine.ForwardProbe;
import dev.pillion.model.Model;
import dev.pillion.scheduler.BatchShape;
import dev.pillion.scheduler.CostModel;
import dev.pillion.scheduler.Operation;
import dev.pillion.spi.Backend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

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
        this.cost = new CostModel(ModelShapes.of(model, options.kvType()));
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
                        chunkTokens + sequences, sequences + 1, blocks, blocks, blockTokens, options.kvType()),
                effort);
    }

    /** The cost model the times belong to. */
    public CostModel cost() {
        return cost;
    }

    /** Measures all operations, then whole steps. */
    public StepTimes measure() {
        warmUp();
        Map<Operation, TimeCurve> curves = new EnumMap<>(Operation.class);
        for (Operation operation : Operation.values()) {
            if (operation != Operation.ATTENTION) {
                progress.accept("measuring " + operation);
                curves.put(operation, curve(operation));
            }
        }
        progress.accept("measuring " + Operation.ATTENTION);
        List<SampleBatch> batches = attentionBatches();
        double[] seconds = timer.seconds(
                batches.stream().map(batch -> Point.of(Operation.ATTENTION, batch)).toList());
        AttentionTime attention = AttentionTime.fit(cost, shapes(batches), seconds);
        progress.accept("measuring whole steps");
        List<SampleBatch> whole = wholeBatches();
        double[] wholeSeconds = timer.seconds(whole.stream().map(Point::whole).toList());
        return new StepTimes(curves, attention, 0).fittedTo(cost, shapes(whole), wholeSeconds);
    }

    /**
     * Runs a mixed workload of random steps, from lone decodes to full hybrid batches, and compares. All compositions run
     * once before the first runs again.
     *
     * @param times what to predict with
     * @param steps how many compositions
     * @param repetitions how often each runs
     */
    public StepCheck check(StepTimes times, int steps, int repetitions) {
        warmUp();
        progress.accept("running a mixed workload");
        List<SampleBatch> batches = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            batches.add(randomBatch());
        }
        double[] predicted =
                shapes(batches).stream().mapToDouble(shape -> times.seconds(cost, shape)).toArray();
        return new StepCheck(predicted, timer.singleSeconds(batches, repetitions));
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

    private TimeCurve curve(Operation operation) {
        boolean logits = operation == Operation.LOGITS;
        int most = logits ? sequences : chunkTokens + sequences;
        int[] below = Arrays.stream(ROWS).filter(count -> count < most).toArray();
        int[] rows = Arrays.copyOf(below, below.length + 1);
        rows[below.length] = most;
        List<Point> points = new ArrayList<>();
        for (int count : rows) {
            points.add(Point.of(operation, logits ? SampleBatch.decodes(count, 1) : rows(count)));
        }
        return new TimeCurve(rows, timer.seconds(points));
    }

    /** So many tokens, in two segments where a context is not long enough for one. */
    private SampleBatch rows(int count) {
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
        return batches;
    }

    private List<BatchShape> shapes(List<SampleBatch> batches) {
        return batches.stream().map(batch -> batch.shape(cost.model(), blockTokens)).toList();
    }

    private void warmUp() {
        if (!warm) {
            warm = true;
            progress.accept("warming up");
            timer.warmUp(this::randomBatch);
        }
    }
}
