package dev.pillion.engine;

import dev.pillion.sampling.Sampler;
import dev.pillion.sampling.SamplerScratch;
import dev.pillion.sampling.SamplingParams;
import dev.pillion.sampling.StopConditions;
import dev.pillion.spi.DeviceSampling;
import dev.pillion.spi.DeviceTensor;
import dev.pillion.spi.SamplingRows;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Sampling as a device does it, from the rows alone: it knows no history and no stop conditions but what the rows say. Some
 * rows, chosen by their logits, it leaves to the host, as a device does that is not certain.
 */
final class FakeSampling implements DeviceSampling, SamplingRows {
    private static final int NOT_SAMPLED = -1;

    private record Adjustment(int token, double bias, boolean banned, boolean seen, int generated) {}

    /** What is to be done with a row. */
    private static final class Row {
        boolean sampled = true;
        boolean draws;
        long seed;
        int position;
        double temperature;
        int topK;
        double topP;
        double minP;
        double typicalP;
        double repetition = 1;
        double frequency;
        double presence;
        final List<Adjustment> adjustments = new ArrayList<>();
    }

    /** A step's rows, and the tokens once it ran. */
    private static final class Step {
        final List<Row> rows;
        int[] tokens = {};
        boolean ran;

        Step(List<Row> rows) {
            this.rows = rows;
        }
    }

    private final Consumer<DeviceTensor> operation;
    private final SamplerScratch scratch = new SamplerScratch(FakeFunction.VOCABULARY);
    private final Deque<Step> underWay = new ArrayDeque<>();
    private List<Row> filling = new ArrayList<>();
    private Step running = new Step(List.of());
    private int[] onDevice = {};
    private int[] readable = {};

    FakeSampling(Consumer<DeviceTensor> operation) {
        this.operation = operation;
    }

    /** A step begins with the rows that were filled last. */
    void beginStep() {
        underWay.add(new Step(filling));
        filling = new ArrayList<>();
    }

    /** The oldest step that has not run runs. */
    void beginNext() {
        running = underWay.stream().filter(step -> !step.ran).findFirst().orElseThrow();
        running.ran = true;
    }

    /** The operation, when its turn comes. */
    void run(long[] hidden) {
        running.tokens = new int[hidden.length];
        for (int i = 0; i < hidden.length; i++) {
            running.tokens[i] = sample(hidden[i], running.rows.get(i));
        }
        onDevice = running.tokens;
    }

    /** The older step is over: its tokens can be read. */
    void over() {
        readable = underWay.removeFirst().tokens;
    }

    void dropNewest() {
        underWay.removeLast();
    }

    /** The token that the step before left on the device; 0 where it left none. */
    int deviceToken(int row) {
        return Math.max(0, onDevice[row]);
    }

    private int sample(long hidden, Row row) {
        boolean unsure = (hidden & 0x3f) == 0;
        if (!row.sampled || hidden == FakeFunction.BROKEN || unsure) {
            return NOT_SAMPLED;
        }
        float[] logits = new float[FakeFunction.VOCABULARY];
        FakeFunction.logits(hidden, logits, 0);
        row.adjustments.forEach(change -> adjust(logits, row, change));
        return row.draws ? draw(logits, row) : highest(logits);
    }

    private static int highest(float[] logits) {
        int best = 0;
        for (int token = 1; token < logits.length; token++) {
            best = logits[token] > logits[best] ? token : best;
        }
        return best;
    }

    private int draw(float[] logits, Row row) {
        SamplingParams.Builder params = SamplingParams.builder();
        params.seed(row.seed).temperature(row.temperature).topK(row.topK);
        params.topP(row.topP).minP(row.minP).typicalP(row.typicalP);
        Sampler sampler = new Sampler(
                params.build(), StopConditions.builder().build(), Set.of(), FakeFunction.VOCABULARY, new int[] {0});
        for (int i = 0; i < row.position; i++) {
            sampler.accept(0);
        }
        return sampler.sample(logits, 0, scratch);
    }

    private static void adjust(float[] logits, Row row, Adjustment change) {
        int token = change.token();
        logits[token] = change.banned() ? Float.NEGATIVE_INFINITY : (float) (logits[token] + change.bias());
        if (change.seen() && row.repetition != 1) {
            double logit = logits[token];
            logits[token] = (float) (logit > 0 ? logit / row.repetition : logit * row.repetition);
        }
        if (change.generated() > 0) {
            logits[token] -= (float) (change.generated() * row.frequency + row.presence);
        }
    }

    private Row row() {
        return filling.getLast();
    }

    @Override
    public SamplingRows rows() {
        return this;
    }

    @Override
    public void sample(DeviceTensor logits) {
        operation.accept(logits);
    }

    @Override
    public int token(int row) {
        return readable[row];
    }

    @Override
    public double logprob(int row) {
        throw new AssertionError("nobody asked for log-probabilities");
    }

    @Override
    public int topCount(int row) {
        throw new AssertionError("nobody asked for log-probabilities");
    }

    @Override
    public int topToken(int row, int i) {
        throw new AssertionError("nobody asked for log-probabilities");
    }

    @Override
    public double topLogprob(int row, int i) {
        throw new AssertionError("nobody asked for log-probabilities");
    }

    @Override
    public void begin() {
        filling.clear();
    }

    @Override
    public void skip() {
        filling.add(new Row());
        row().sampled = false;
    }

    @Override
    public void mostLikely() {
        filling.add(new Row());
    }

    @Override
    public void draw(long seed, int position) {
        filling.add(new Row());
        row().draws = true;
        row().seed = seed;
        row().position = position;
    }

    @Override
    public void filter(double temperature, int topK, double topP, double minP, double typicalP) {
        row().temperature = temperature;
        row().topK = topK;
        row().topP = topP;
        row().minP = minP;
        row().typicalP = typicalP;
    }

    @Override
    public void penalties(double repetition, double frequency, double presence) {
        row().repetition = repetition;
        row().frequency = frequency;
        row().presence = presence;
    }

    @Override
    public void adjust(int token, double bias, boolean banned, boolean seen, int generated) {
        row().adjustments.add(new Adjustment(token, bias, banned, seen, generated));
    }

    @Override
    public void logprobs(int top) {
        row().sampled = false;
    }
}
