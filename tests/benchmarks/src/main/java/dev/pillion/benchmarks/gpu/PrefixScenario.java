package dev.pillion.benchmarks.gpu;

import dev.pillion.Engine;
import dev.pillion.Generation;
import dev.pillion.metrics.Counter;
import dev.pillion.metrics.EngineMetrics.Snapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Requests with one long prefix and a short rest of their own, once allowed to share it and once kept apart by cache salts:
 * prompt and answer tokens per second.
 */
final class PrefixScenario implements Scenario {
    private final EngineSetup setup;
    private final int requests;
    private final int prefixTokens;
    private final int ownTokens;
    private final int answerTokens;
    private final Expected shared;
    private final Expected apart;

    PrefixScenario(EngineSetup setup, int requests, int prefixTokens, int ownTokens, int answerTokens) {
        this.setup = setup;
        this.requests = requests;
        this.prefixTokens = prefixTokens;
        this.ownTokens = ownTokens;
        this.answerTokens = answerTokens;
        String what = requests + " requests with one prefix of " + prefixTokens;
        this.shared = new Expected(what + ", shared", setup.shape(), "tok/s");
        this.apart = new Expected(what + ", computed for each", setup.shape(), "tok/s");
    }

    @Override
    public List<Expected> rows() {
        return List.of(shared, apart);
    }

    @Override
    public double seconds() {
        return 15;
    }

    @Override
    public void run(ScenarioRun run) {
        Engine engine = run.engines().get(setup);
        int[] prefix = new RandomPrompts(setup.description()).tokens(prefixTokens);
        once(engine, prefix, "warm", true);
        Snapshot before = engine.metrics().snapshot();
        double together = once(engine, prefix, "shared", true);
        Snapshot after = engine.metrics().snapshot();
        double alone = once(engine, prefix, "apart", false);
        run.add(run.row(shared, together)
                .withNote(String.format(
                        Locale.ROOT,
                        "%.2f times the rate without sharing; %d prompt tokens found, %d computed",
                        together / alone,
                        after.get(Counter.PREFIX_HIT_TOKENS) - before.get(Counter.PREFIX_HIT_TOKENS),
                        after.get(Counter.TOKENS_PREFILL) - before.get(Counter.TOKENS_PREFILL))));
        run.add(run.row(apart, alone));
    }

    private double once(Engine engine, int[] prefix, String salt, boolean sharing) {
        RandomPrompts prompts = new RandomPrompts(setup.description());
        List<Generation> generations = new ArrayList<>();
        long start = System.nanoTime();
        for (int i = 0; i < requests; i++) {
            int[] prompt = Arrays.copyOf(prefix, prefixTokens + ownTokens);
            System.arraycopy(prompts.tokens(ownTokens), 0, prompt, prefixTokens, ownTokens);
            generations.add(engine.submit(RandomPrompts.request(prompt, answerTokens, sharing ? salt : salt + i)));
        }
        generations.forEach(Generation::result);
        double seconds = (System.nanoTime() - start) / 1e9;
        return requests * (double) (prefixTokens + ownTokens + answerTokens) / seconds;
    }
}
