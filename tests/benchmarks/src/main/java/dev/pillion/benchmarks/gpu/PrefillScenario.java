package dev.pillion.benchmarks.gpu;

import dev.pillion.Engine;
import dev.pillion.benchmarks.Samples;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** A prompt alone, in one step where the budget allows: from submission to the first token. */
final class PrefillScenario implements Scenario {
    private final EngineSetup setup;
    private final int tokens;
    private final int repetitions;
    private final OptionalDouble target;
    private final Expected rate;

    /**
     * Makes the scenario.
     *
     * @param target least share of the library's measured rate, if one is asked for
     */
    PrefillScenario(EngineSetup setup, int tokens, int repetitions, OptionalDouble target) {
        this.setup = setup;
        this.tokens = tokens;
        this.repetitions = repetitions;
        this.target = target;
        this.rate = new Expected("prefill " + tokens, setup.shape(), "tok/s");
    }

    @Override
    public List<Expected> rows() {
        return List.of(rate);
    }

    @Override
    public double seconds() {
        return 6;
    }

    @Override
    public void run(ScenarioRun run) {
        Engine engine = run.engines().get(setup);
        RandomPrompts prompts = new RandomPrompts(setup.description());
        Samples seconds = new Samples();
        for (int i = -1; i < repetitions; i++) {
            double taken = engine.generate(prompts.request(tokens, 1)).timing().firstToken().toNanos() / 1e9;
            if (i >= 0) {
                seconds.add(taken);
            }
        }
        double teraflops = GpuShapes.prefillFlops(setup.description(), tokens) / seconds.median() / 1e12;
        ResultRow row = run.row(rate, tokens / seconds.median())
                .withNote(String.format(
                        Locale.ROOT,
                        "%.4g TFLOP/s; %d runs, %.2f-%.2f ms, budget %d",
                        teraflops,
                        seconds.count(),
                        1000 * seconds.least(),
                        1000 * seconds.most(),
                        setup.chunkTokens()));
        if (run.rates().matmulTeraflops().isPresent()) {
            double ceiling = run.rates().matmulTeraflops().getAsDouble();
            row = row.withCeiling(ceiling, "TFLOP/s", teraflops / ceiling);
        }
        run.add(target.isPresent() ? row.shareAtLeast(target.getAsDouble()) : row);
    }
}
