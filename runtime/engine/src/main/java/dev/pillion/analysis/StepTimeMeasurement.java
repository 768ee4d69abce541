package dev.pillion.analysis;

import dev.pillion.EngineOptions;
import dev.pillion.engine.ForwardProbe;
import dev.pillion.model.Model;
import dev.pillion.scheduler.BatchShape;
import dev.pillion.scheduler.CostModel;
import dev.pillion.scheduler.Operation;
import dev.pillion.spi.Backend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Measures what the operations of a model's step take on a backend, and how far predictions from that are off.
 *
 * <p>Each kind of operation is timed in a step of its own, that of all layers in their order. A step is the forward
 * pass: planning and sampling are not in it.
 */
public final class StepTimeMeasurement {
    private static final int[] ROWS = {
        1, 2, 3, 4, 5, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096
    };
    private static final int[] ATTENTION_CONTEXTS = {16, 64, 256, 1024, 4096, 16384};
    private static final int[] ATTENTION_CHUNKS = {16, 64, 256, 512};
    private static final int MOST_SEQUENCES = 16;
    private static final int[] SMALL_STEPS = {1, 2, 4};
    private static final long SEED = 42;

    private final Model model;
    private final PartialBackend backend;
    private final ForwardProbe probe;
    private final CostModel cost;
    private final Stopwatch watch;
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final int blockTokens;
    private final int contextTokens;
    private final int chunkTokens;
    private final double warmUpSeconds;
    private final Consumer<String> progress;
    private boolean warm;

    /**
     * Prepares a measurement.
     *
     * @param model what to run
     * @param backend what to run it on; stays the caller's
     * @param options context, chunk size, KV block and KV type
     * @param effort how long to measure
     * @param progress hears what is being measured
     */
    public StepTimeMeasurement(
            Model model, Backend backend, EngineOptions options, Effort effort, Consumer<String> progress) {
        this.model = model;
        this.backend = new PartialBackend(backend);
        this.cost = new CostModel(ModelShapes.of(model, options.kvType()));
        this.watch = effort.stepWatch();
        this.warmUpSeconds = effort.warmUpSeconds();
        this.progress = progress;
        this.blockTokens = options.kvBlockTokens();
        int longest = model.description().contextLength();
        this.contextTokens = options.contextTokens() == 0 ? longest : Math.min(options.contextTokens(), longest);
        this.chunkTokens = Math.min(options.chunkTokens(), contextTokens);
        int blocks = (MOST_SEQUENCES + 1) * Math.ceilDiv(contextTokens, blockTokens);
        int tokens = Math.max(chunkTokens, MOST_SEQUENCES) + MOST_SEQUENCES;
        probe = new ForwardProbe(
                model,
                this.backend,
                new ForwardProbe.Capacity(
                        tokens, MOST_SEQUENCES + 1, blocks, blocks, blockTokens, options.kvType()));
    }

    /** Measures all operations. */
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
        AttentionTime attention = attention();
        progress.accept("measuring whole steps");
        return new StepTimes(curves, attention, stepSeconds());
    }

    /**
     * Runs a mixed workload of random steps, from lone decodes to full hybrid batches, and compares.
     *
     * @param times what to predict with
     * @param steps how many steps
     * @return measured over predicted time of each step
     */
    public double[] check(StepTimes times, int steps) {
        warmUp();
        progress.accept("running a mixed workload");
        double[] ratios = new double[steps];
        for (int i = 0; i < steps; i++) {
            SampleBatch batch = randomBatch();
            double predicted = times.seconds(cost, batch.shape(cost.model(), blockTokens));
            ratios[i] = timeWhole(batch) / predicted;
        }
        return ratios;
    }

    private SampleBatch randomBatch() {
        List<SampleBatch.Segment> segments = new ArrayList<>();
        int decodes = random.nextInt(MOST_SEQUENCES + 1);
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
        int most = operation == Operation.LOGITS ? MOST_SEQUENCES : chunkTokens;
        List<Integer> rows = new ArrayList<>();
        for (int count : ROWS) {
            if (count < most) {
                rows.add(count);
            }
        }
        rows.add(most);
        double[] seconds = new double[rows.size()];
        for (int i = 0; i < seconds.length; i++) {
            int count = rows.get(i);
            seconds[i] = time(operation, operation == Operation.LOGITS
                    ? SampleBatch.decodes(count, 1)
                    : SampleBatch.chunk(count, count));
        }
        return new TimeCurve(rows.stream().mapToInt(Integer::intValue).toArray(), seconds);
    }

    private AttentionTime attention() {
        List<BatchShape> shapes = new ArrayList<>();
        List<Double> seconds = new ArrayList<>();
        for (SampleBatch batch : attentionBatches()) {
            shapes.add(batch.shape(cost.model(), blockTokens));
            seconds.add(time(Operation.ATTENTION, batch));
        }
        return AttentionTime.fit(
                cost, shapes, seconds.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private List<SampleBatch> attentionBatches() {
        List<SampleBatch> batches = new ArrayList<>();
        for (int context : ATTENTION_CONTEXTS) {
            int within = Math.min(context, contextTokens);
            for (int sequences : new int[] {1, 4, MOST_SEQUENCES}) {
                batches.add(SampleBatch.decodes(sequences, within));
            }
            for (int chunk : ATTENTION_CHUNKS) {
                if (chunk <= chunkTokens && chunk <= within) {
                    batches.add(SampleBatch.chunk(chunk, within));
                }
            }
            if (context >= contextTokens) {
                break;
            }
        }
        return batches;
    }

    /** The middle of what small steps take beyond their operations; in large ones it is lost in the rest. */
    private double stepSeconds() {
        double[] beyond = new double[SMALL_STEPS.length];
        for (int i = 0; i < beyond.length; i++) {
            SampleBatch batch = SampleBatch.decodes(SMALL_STEPS[i], Math.ceilDiv(contextTokens, 2));
            double operations = 0;
            for (Operation operation : Operation.values()) {
                operations += time(operation, batch);
            }
            beyond[i] = timeWhole(batch) - operations;
        }
        Arrays.sort(beyond);
        return Math.max(0, beyond[beyond.length / 2]);
    }

    private double time(Operation operation, SampleBatch batch) {
        batch.fill(probe.batch(), model.description().vocabularySize(), random);
        // An activation in place shrinks what it reads; fresh input keeps it from working on denormal numbers.
        Runnable before = operation == Operation.ACTIVATION ? () -> run(EnumSet.of(Operation.GATE_UP)) : () -> {};
        Set<Operation> only = EnumSet.of(operation);
        return watch.medianSeconds(before, () -> run(only));
    }

    private double timeWhole(SampleBatch batch) {
        batch.fill(probe.batch(), model.description().vocabularySize(), random);
        Set<Operation> all = EnumSet.allOf(Operation.class);
        return watch.medianSeconds(() -> run(all));
    }

    private void warmUp() {
        if (warm) {
            return;
        }
        warm = true;
        progress.accept("warming up");
        long start = System.nanoTime();
        do {
            randomBatch().fill(probe.batch(), model.description().vocabularySize(), random);
            run(EnumSet.allOf(Operation.class));
        } while (System.nanoTime() - start < warmUpSeconds * 1e9);
    }

    private void run(Set<Operation> operations) {
        backend.runOnly(operations);
        probe.run();
    }
}
