package dev.pillion.benchmarks.gpu;

import dev.pillion.Engine;
import dev.pillion.Generation;
import dev.pillion.benchmarks.Samples;
import dev.pillion.metrics.Distribution;
import dev.pillion.metrics.EngineMetrics.Snapshot;
import dev.pillion.metrics.Histogram;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Generation by a number of sequences together: tokens per second while all of them decode and none is in its prompt, and
 * what a step costs on the host. Bytes a step must move: all weights once and each sequence's keys and values.
 */
final class DecodeScenario implements Scenario {
    private static final double HOST_MILLIS_TARGET = 1;
    private static final List<Distribution> HOST_PHASES = List.of(
            Distribution.STEP_PLAN_TIME,
            Distribution.STEP_FILL_TIME,
            Distribution.STEP_ENQUEUE_TIME,
            Distribution.STEP_COMMIT_TIME);

    private final EngineSetup setup;
    private final int batch;
    private final int promptTokens;
    private final int answerTokens;
    private final int repetitions;
    private final OptionalDouble target;
    private final Expected rate;
    private final Expected host;

    /**
     * Makes the scenario.
     *
     * @param target least tokens per second asked for, if any
     */
    DecodeScenario(EngineSetup setup, int batch, int promptTokens, int answerTokens, int repetitions, OptionalDouble target) {
        this.setup = setup;
        this.batch = batch;
        this.promptTokens = promptTokens;
        this.answerTokens = answerTokens;
        this.repetitions = repetitions;
        this.target = target;
        this.rate = new Expected("decode batch " + batch, setup.shape(), "tok/s");
        this.host = new Expected("host time per step, batch " + batch, setup.shape(), "ms");
    }

    @Override
    public List<Expected> rows() {
        return List.of(rate, host);
    }

    @Override
    public double seconds() {
        return 15;
    }

    @Override
    public void run(ScenarioRun run) {
        Engine engine = run.engines().get(setup);
        Samples rates = new Samples();
        Snapshot before = engine.metrics().snapshot();
        for (int i = -1; i < repetitions; i++) {
            double tokensPerSecond = once(engine);
            if (i < 0) {
                before = engine.metrics().snapshot();
            } else {
                rates.add(tokensPerSecond);
            }
        }
        Snapshot after = engine.metrics().snapshot();
        run.add(rateRow(run, engine, rates));
        run.add(hostRow(run, before, after));
    }

    private double once(Engine engine) {
        RandomPrompts prompts = new RandomPrompts(setup.description());
        List<TokenTimes> times = new ArrayList<>();
        List<Generation> generations = new ArrayList<>();
        for (int i = 0; i < batch; i++) {
            TokenTimes stream = new TokenTimes();
            times.add(stream);
            generations.add(engine.submit(prompts.request(promptTokens, answerTokens + lead(i)), stream));
        }
        generations.forEach(Generation::result);
        long from = times.stream().mapToLong(TokenTimes::first).max().orElseThrow();
        long to = times.stream().mapToLong(TokenTimes::last).min().orElseThrow();
        long tokens = times.stream().mapToInt(stream -> stream.between(from, to)).sum();
        if (to <= from || tokens == 0) {
            throw new IllegalStateException("the " + batch + " sequences never decoded all at once; give them more tokens than "
                    + answerTokens);
        }
        return tokens / ((to - from) / 1e9);
    }

    /** Those that begin earlier go on for longer, so that there is a time when all decode. */
    private int lead(int number) {
        return batch == 1 ? 0 : answerTokens * (batch - 1 - number) / (batch - 1);
    }

    private ResultRow rateRow(ScenarioRun run, Engine engine, Samples rates) {
        double value = rates.median();
        double context = promptTokens + answerTokens / 2.0;
        double bytes = GpuShapes.weightBytesPerStep(setup.description(), setup.type())
                + batch * context * engine.memoryPlan().kvBytesPerToken();
        double gigabytes = value / batch * bytes / 1e9;
        ResultRow row = run.row(rate, value)
                .withNote(String.format(
                        Locale.ROOT,
                        "prompt %d, %d tokens, %d runs, %.1f-%.1f tok/s; %.0f MB a step, %.1f GB/s",
                        promptTokens,
                        answerTokens,
                        rates.count(),
                        rates.least(),
                        rates.most(),
                        bytes / 1e6,
                        gigabytes));
        if (run.rates().copyGigabytes().isPresent()) {
            double ceiling = run.rates().copyGigabytes().getAsDouble();
            row = row.withCeiling(ceiling, "GB/s", gigabytes / ceiling);
        }
        return target.isPresent() ? row.atLeast(target.getAsDouble()) : row;
    }

    /** The median step is a decode step: prompts take a few steps at the beginning. */
    /** All of a step but waiting for the device: planning, filling, enqueueing, sampling, commit. */
    private ResultRow hostRow(ScenarioRun run, Snapshot before, Snapshot after) {
        Histogram steps = after.get(Distribution.STEP_TIME).since(before.get(Distribution.STEP_TIME));
        StringBuilder parts = new StringBuilder();
        double host = 0;
        for (Distribution phase : HOST_PHASES) {
            double millis = after.get(phase).since(before.get(phase)).sum() / 1e6 / steps.count();
            host += millis;
            parts.append(String.format(Locale.ROOT, "%s %.3f, ", phase.key(), millis));
        }
        return run.row(this.host, host)
                .atMost(HOST_MILLIS_TARGET)
                .withNote(String.format(
                        Locale.ROOT,
                        "mean of %d steps, ms: %smedian step %.3f",
                        steps.count(),
                        parts,
                        steps.percentile(50) / 1e6));
    }

}
