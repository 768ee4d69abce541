package dev.pillion.benchmarks.gpu;

import dev.pillion.Engine;
import dev.pillion.Generation;
import dev.pillion.benchmarks.Arrivals;
import dev.pillion.benchmarks.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A planner under mixed load: prompts long and short arrive at random (Poisson) at a given rate. Capacity is the highest rate
 * tried at which the P99 time between tokens stays below the limit (Agrawal et al. 2024, section 5); rates rise by a half
 * from the lowest on. The P99 row is measured at the lowest rate, which is the same for all planners.
 */
final class PlannersScenario implements Scenario {
    private static final double STEP = 1.5;

    private final EngineSetup setup;
    private final Load load;
    private final Expected p99;
    private final Expected capacity;

    /**
     * What arrives.
     *
     * @param mostIn prompts have a sixteenth of this to this many tokens
     * @param mostOut answers have a quarter of this to this many tokens
     * @param lowestRate requests per second to begin with
     * @param seconds time during which requests arrive
     * @param rates most rates tried
     * @param limitMillis limit of the P99 time between tokens
     */
    record Load(int mostIn, int mostOut, double lowestRate, double seconds, int rates, double limitMillis) {}

    private record Outcome(Samples gaps, Samples firstTokens, double tokensPerSecond) {}

    PlannersScenario(EngineSetup setup, Load load) {
        this.setup = setup;
        this.load = load;
        this.p99 = new Expected("mixed load, " + setup.scheduling() + ", P99 time between tokens", setup.shape(), "ms");
        this.capacity = new Expected("mixed load, " + setup.scheduling() + ", capacity", setup.shape(), "requests/s");
    }

    @Override
    public List<Expected> rows() {
        return List.of(p99, capacity);
    }

    @Override
    public double seconds() {
        return 3 * load.seconds();
    }

    @Override
    public void run(ScenarioRun run) {
        Engine engine = run.engines().get(setup);
        double highest = 0;
        StringBuilder tried = new StringBuilder();
        double rate = load.lowestRate();
        for (int i = 0; i < load.rates(); i++) {
            if (i > 0 && run.time().seconds() < 2 * load.seconds()) {
                tried.append("; no time for ").append(String.format(Locale.ROOT, "%.1f/s", rate));
                break;
            }
            Outcome outcome = once(engine, rate);
            if (i == 0) {
                run.add(p99Row(run, outcome));
            }
            double worst = outcome.gaps().quantile(0.99);
            tried.append(String.format(Locale.ROOT, "%s%.1f/s: P99 %.1f ms", i == 0 ? "" : "; ", rate, worst));
            if (worst > load.limitMillis()) {
                break;
            }
            highest = rate;
            rate *= STEP;
        }
        run.add(run.row(capacity, highest)
                .withNote(String.format(Locale.ROOT, "P99 <= %.0f ms; %s", load.limitMillis(), tried)));
    }

    private ResultRow p99Row(ScenarioRun run, Outcome outcome) {
        return run.row(p99, outcome.gaps().quantile(0.99))
                .withNote(String.format(
                        Locale.ROOT,
                        "%.1f requests/s for %.0f s, prompts to %d, budget %d; P50 %.1f ms, most %.1f ms, "
                                + "median TTFT %.0f ms, %.0f tok/s",
                        load.lowestRate(),
                        load.seconds(),
                        load.mostIn(),
                        setup.chunkTokens(),
                        outcome.gaps().median(),
                        outcome.gaps().most(),
                        outcome.firstTokens().median(),
                        outcome.tokensPerSecond()));
    }

    private Outcome once(Engine engine, double rate) {
        RandomPrompts prompts = new RandomPrompts(setup.description());
        List<TokenTimes> streams = new ArrayList<>();
        List<Generation> generations = new ArrayList<>();
        long start = System.nanoTime();
        long tokens = 0;
        for (double at = 0; at < load.seconds(); at += prompts.gap(rate)) {
            Arrivals.waitUntil(start + (long) (at * 1e9));
            int in = prompts.length(Math.max(1, load.mostIn() / 16), load.mostIn());
            int out = prompts.length(Math.max(2, load.mostOut() / 4), load.mostOut());
            TokenTimes stream = new TokenTimes();
            streams.add(stream);
            generations.add(engine.submit(prompts.request(in, out), stream));
            tokens += in + out;
        }
        Samples firstTokens = new Samples();
        for (Generation generation : generations) {
            firstTokens.add(generation.result().timing().firstToken().toNanos() / 1e6);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        Samples gaps = new Samples();
        streams.forEach(stream -> stream.addGaps(gaps));
        return new Outcome(gaps, firstTokens, tokens / seconds);
    }
}
