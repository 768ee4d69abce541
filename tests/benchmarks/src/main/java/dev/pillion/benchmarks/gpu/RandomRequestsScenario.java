package dev.pillion.benchmarks.gpu;

import dev.pillion.Engine;
import dev.pillion.Generation;
import dev.pillion.metrics.Counter;
import dev.pillion.metrics.EngineMetrics.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Requests of random lengths, all submitted at once: generated tokens per second from the first submission to the last
 * answer. Where time is short, lengths are halved until a guess of the run fits; the target counts at full length only.
 */
final class RandomRequestsScenario implements Scenario {
    private static final double TARGET = 3800;
    /** For the guess of how long a run takes: less than the target. */
    private static final double EXPECTED_RATE = 3000;
    /** Of the time that is left, what this may take. */
    private static final double SHARE_OF_TIME = 0.4;

    private static final int LEAST_DIVISOR_LOG = 4;

    private final EngineSetup setup;
    private final int requests;
    private final int mostIn;
    private final int mostOut;
    private final Expected rate;

    /** Makes the scenario: prompts of 1 to {@code mostIn} tokens, answers of 1 to {@code mostOut}. */
    RandomRequestsScenario(EngineSetup setup, int requests, int mostIn, int mostOut) {
        this.setup = setup;
        this.requests = requests;
        this.mostIn = mostIn;
        this.mostOut = mostOut;
        this.rate = new Expected(requests + " random requests", setup.shape(), "tok/s");
    }

    @Override
    public List<Expected> rows() {
        return List.of(rate);
    }

    @Override
    public double seconds() {
        return guess(1 << LEAST_DIVISOR_LOG) / SHARE_OF_TIME;
    }

    private double guess(int divisor) {
        return requests * (mostOut / 2.0 / divisor) / EXPECTED_RATE;
    }

    @Override
    public void run(ScenarioRun run) {
        Engine engine = run.engines().get(setup);
        int divisor = 1;
        while (!run.options().virtual()
                && divisor < 1 << LEAST_DIVISOR_LOG
                && guess(divisor) > SHARE_OF_TIME * run.time().seconds()) {
            divisor *= 2;
        }
        int in = mostIn / divisor;
        int out = mostOut / divisor;
        RandomPrompts prompts = new RandomPrompts(setup.description());
        Snapshot before = engine.metrics().snapshot();
        List<Generation> generations = new ArrayList<>();
        long start = System.nanoTime();
        for (int i = 0; i < requests; i++) {
            generations.add(engine.submit(prompts.request(prompts.length(1, in), prompts.length(1, out))));
        }
        long generated = 0;
        for (Generation generation : generations) {
            generated += generation.result().generatedTokens();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        Snapshot after = engine.metrics().snapshot();
        long prefilled = after.get(Counter.TOKENS_PREFILL) - before.get(Counter.TOKENS_PREFILL);
        ResultRow row = run.row(rate, generated / seconds)
                .withNote(String.format(
                        Locale.ROOT,
                        "1-%d in, 1-%d out, at most %d at once; %d prompt and %d output tokens in %.1f s",
                        in,
                        out,
                        setup.maxSequences(),
                        prefilled,
                        generated,
                        seconds));
        row = row.atLeast(TARGET);
        run.add(divisor == 1 ? row : row.target(row.target() + " at full length", Optional.empty()));
    }
}
