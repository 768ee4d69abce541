package dev.pillion.benchmarks;

import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import dev.pillion.GeneratedToken;
import dev.pillion.Generation;
import dev.pillion.GenerationListener;
import dev.pillion.GenerationRequest;
import dev.pillion.GenerationResult;
import dev.pillion.model.SyntheticModel;
import dev.pillion.model.TensorType;
import dev.pillion.sampling.StopConditions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * SARATHI's claim, planners side by side in one process: sixteen streams decode while a prompt of 2,000 tokens arrives every
 * few seconds. Work and arrival times are the same for every planner; reported are the time between tokens of the streams
 * and the tokens (prompt and generated) per second over the whole run. Rounds interleave the planners.
 *
 * <p>Arguments: rounds, arrivals, seconds between arrivals, chunk tokens, and optionally TBT targets in ms, each of which is
 * run as SARATHI with a latency-derived budget.
 */
public final class MixedLoad {
    private static final int STREAMS = 16;
    private static final int STREAM_PROMPT = 32;
    private static final int LONG_PROMPT = 2000;
    private static final int LONG_ANSWER = 16;

    private final int arrivals;
    private final Duration between;
    private final int streamTokens;

    private MixedLoad(int arrivals, Duration between, int streamTokens) {
        this.arrivals = arrivals;
        this.between = between;
        this.streamTokens = streamTokens;
    }

    private record Outcome(double p50Millis, double p99Millis, double mostMillis, double tokensPerSecond, double ttftMillis) {}

    private record Variant(String name, EngineOptions options, double targetMillis) {}

    /** Runs the comparison and prints a row per planner. */
    public static void main(String[] args) {
        int rounds = Integer.parseInt(args[0]);
        int arrivals = Integer.parseInt(args[1]);
        Duration between = Duration.ofMillis((long) (Double.parseDouble(args[2]) * 1000));
        int chunk = Integer.parseInt(args[3]);
        int streamTokens = Integer.parseInt(args[4]);
        MixedLoad load = new MixedLoad(arrivals, between, streamTokens);
        List<Variant> variants = new ArrayList<>();
        if (chunk > 0) {
            for (String planner : List.of("sarathi", "prefill-first", "orca", "static")) {
                variants.add(new Variant(planner, options(chunk).scheduling(planner).build(), 0));
            }
        }
        for (int i = 5; i < args.length; i++) {
            double target = Double.parseDouble(args[i]);
            variants.add(new Variant(
                    "sarathi, target " + args[i] + " ms",
                    options(512).tbtTarget(Duration.ofNanos((long) (target * 1e6))).build(),
                    target));
        }
        load.compare(variants, rounds);
    }

    private static EngineOptions.Builder options(int chunk) {
        return EngineOptions.builder().chunkTokens(chunk).maxSequences(STREAMS + 8).contextTokens(2560).prefixCache(false);
    }

    private void compare(List<Variant> variants, int rounds) {
        List<List<Outcome>> outcomes = new ArrayList<>();
        variants.forEach(variant -> outcomes.add(new ArrayList<>()));
        for (int round = -1; round < rounds; round++) {
            for (int v = 0; v < variants.size(); v++) {
                Outcome outcome = run(variants.get(v).options());
                System.err.println("round " + round + " " + variants.get(v).name() + " " + outcome);
                if (round >= 0) {
                    outcomes.get(v).add(outcome);
                }
            }
        }
        System.out.println("| planner | TBT P50 ms | TBT P99 ms (min-max of rounds) | TBT max ms | tokens/s (min-max) | TTFT of long prompts, median ms |");
        System.out.println("|---|---:|---:|---:|---:|---:|");
        for (int v = 0; v < variants.size(); v++) {
            print(variants.get(v), outcomes.get(v));
        }
    }

    private static void print(Variant variant, List<Outcome> outcomes) {
        Samples p50 = new Samples();
        Samples p99 = new Samples();
        Samples most = new Samples();
        Samples rate = new Samples();
        Samples ttft = new Samples();
        for (Outcome outcome : outcomes) {
            p50.add(outcome.p50Millis());
            p99.add(outcome.p99Millis());
            most.add(outcome.mostMillis());
            rate.add(outcome.tokensPerSecond());
            ttft.add(outcome.ttftMillis());
        }
        System.out.println(String.format(
                Locale.ROOT,
                "| %s | %.1f | %.1f (%.1f-%.1f) | %.1f | %.0f (%.0f-%.0f) | %.0f |%s",
                variant.name(),
                p50.median(),
                p99.median(),
                p99.least(),
                p99.most(),
                most.median(),
                rate.median(),
                rate.least(),
                rate.most(),
                ttft.median(),
                variant.targetMillis() == 0
                        ? ""
                        : String.format(Locale.ROOT, " P99 / target = %.3f |", p99.median() / variant.targetMillis())));
    }

    private Outcome run(EngineOptions options) {
        try (Engine engine = Engine.open(SyntheticModel.create(Shapes.small(), TensorType.Q8_0, 1), options)) {
            SplittableRandom random = new SplittableRandom(5);
            long start = System.nanoTime();
            List<Stream> streams = new ArrayList<>();
            List<Generation> generations = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++) {
                Stream stream = new Stream();
                streams.add(stream);
                generations.add(engine.submit(request(random, STREAM_PROMPT, streamTokens), stream));
            }
            List<Generation> prompts = new ArrayList<>();
            for (int i = 1; i <= arrivals; i++) {
                Arrivals.waitUntil(start + i * between.toNanos());
                prompts.add(engine.submit(request(random, LONG_PROMPT, LONG_ANSWER)));
            }
            Samples ttft = new Samples();
            long tokens = 0;
            for (Generation generation : prompts) {
                GenerationResult result = generation.result();
                ttft.add(result.timing().firstToken().toNanos() / 1e6);
                tokens += LONG_PROMPT + result.generatedTokens();
            }
            for (Generation generation : generations) {
                tokens += STREAM_PROMPT + generation.result().generatedTokens();
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            Samples gaps = new Samples();
            streams.forEach(stream -> stream.addTo(gaps));
            return new Outcome(
                    gaps.quantile(0.5), gaps.quantile(0.99), gaps.most(), tokens / seconds, ttft.median());
        }
    }

    private static GenerationRequest request(SplittableRandom random, int promptTokens, int answerTokens) {
        int[] prompt = random.ints(promptTokens, 0, Shapes.small().vocabularySize()).toArray();
        return GenerationRequest.builder(prompt)
                .stop(StopConditions.builder().maxTokens(answerTokens).ignoreEos(true).build())
                .build();
    }

    /** Notes when each token came; the gaps between them are the times between tokens as a reader sees them. */
    private static final class Stream implements GenerationListener {
        private final List<Long> times = new ArrayList<>();

        @Override
        public synchronized void onToken(GeneratedToken token) {
            times.add(System.nanoTime());
        }

        synchronized void addTo(Samples gaps) {
            for (int i = 1; i < times.size(); i++) {
                gaps.add((times.get(i) - times.get(i - 1)) / 1e6);
            }
        }
    }
}
