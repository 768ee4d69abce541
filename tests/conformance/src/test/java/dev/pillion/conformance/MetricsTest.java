package dev.pillion.conformance;

import static dev.pillion.metrics.Counter.ADMISSIONS;
import static dev.pillion.metrics.Counter.BACKEND_FLOPS;
import static dev.pillion.metrics.Counter.BACKEND_KV_WRITE_BYTES;
import static dev.pillion.metrics.Counter.FORKS;
import static dev.pillion.metrics.Counter.KV_COPIED_BLOCKS;
import static dev.pillion.metrics.Counter.KV_FETCHED_BLOCKS;
import static dev.pillion.metrics.Counter.KV_OFFLOADED_BLOCKS;
import static dev.pillion.metrics.Counter.PREEMPTIONS;
import static dev.pillion.metrics.Counter.PREFIX_HIT_TOKENS;
import static dev.pillion.metrics.Counter.PREFIX_QUERY_TOKENS;
import static dev.pillion.metrics.Counter.REQUESTS_CANCELLED;
import static dev.pillion.metrics.Counter.REQUESTS_FAILED;
import static dev.pillion.metrics.Counter.REQUESTS_LENGTH;
import static dev.pillion.metrics.Counter.REQUESTS_REFUSED_BAD_REQUEST;
import static dev.pillion.metrics.Counter.REQUESTS_REFUSED_QUEUE_FULL;
import static dev.pillion.metrics.Counter.REQUESTS_STOP;
import static dev.pillion.metrics.Counter.REQUESTS_SUBMITTED;
import static dev.pillion.metrics.Counter.RESUMPTIONS;
import static dev.pillion.metrics.Counter.STEPS;
import static dev.pillion.metrics.Counter.STEPS_FAILED;
import static dev.pillion.metrics.Counter.TOKENS_DECODE;
import static dev.pillion.metrics.Counter.TOKENS_GENERATED;
import static dev.pillion.metrics.Counter.TOKENS_LOST;
import static dev.pillion.metrics.Counter.TOKENS_PREFILL;
import static dev.pillion.metrics.Counter.TOKENS_RECOMPUTED;
import static dev.pillion.metrics.Distribution.DECODE_TIME;
import static dev.pillion.metrics.Distribution.GENERATED_TOKENS;
import static dev.pillion.metrics.Distribution.PREFILL_TIME;
import static dev.pillion.metrics.Distribution.PROMPT_TOKENS;
import static dev.pillion.metrics.Distribution.QUEUE_TIME;
import static dev.pillion.metrics.Distribution.STEP_COMMIT_TIME;
import static dev.pillion.metrics.Distribution.STEP_DECODE_TOKENS;
import static dev.pillion.metrics.Distribution.STEP_ENQUEUE_TIME;
import static dev.pillion.metrics.Distribution.STEP_FILL_TIME;
import static dev.pillion.metrics.Distribution.STEP_HOST_TIME;
import static dev.pillion.metrics.Distribution.STEP_PLAN_TIME;
import static dev.pillion.metrics.Distribution.STEP_PREFILL_TOKENS;
import static dev.pillion.metrics.Distribution.STEP_TIME;
import static dev.pillion.metrics.Distribution.STEP_WAIT_TIME;
import static dev.pillion.metrics.Distribution.TIME_BETWEEN_TOKENS;
import static dev.pillion.metrics.Distribution.TIME_TO_FIRST_TOKEN;
import static dev.pillion.metrics.Distribution.TOTAL_TIME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pillion.Completion;
import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import dev.pillion.FinishReason;
import dev.pillion.Generation;
import dev.pillion.GenerationRequest;
import dev.pillion.GenerationResult;
import dev.pillion.PillionException;
import dev.pillion.conformance.InterposedBackend.Interposer;
import dev.pillion.metrics.EngineMetrics;
import dev.pillion.metrics.Gauge;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The numbers an engine gives about itself are those its callers can add up from what they got. */
class MetricsTest {
    private static final Path MODEL = TestData.source("runtime/cli/src/main/resources/dev/pillion/cli/demo.gguf");

    @Test
    void whatCallersGotAddsUpToWhatWasCounted() {
        Engine engine = Engine.open(MODEL, EngineOptions.builder().maxSequences(8).chunkTokens(32).build());
        List<GenerationResult> results = MetricsWorkload.run(engine, 24, 3);
        engine.close();

        EngineMetrics.Snapshot metrics = engine.metrics().snapshot();
        checkRequests(metrics, results);
        checkSteps(metrics);
        checkConservation(metrics, results);
        long forks = sum(results, result -> result.completions().size() - 1);
        assertThat(forks).isPositive();
        assertThat(metrics.get(FORKS)).isEqualTo(forks);
        assertThat(metrics.get(PREEMPTIONS)).isZero();
        assertThat(metrics.get(PREFIX_HIT_TOKENS)).isEqualTo(sum(results, GenerationResult::cachedTokens)).isPositive();
        assertThat(metrics.get(TOKENS_PREFILL) + metrics.get(PREFIX_HIT_TOKENS))
                .isEqualTo(sum(results, GenerationResult::promptTokens));
        assertThat(metrics.get(TOKENS_DECODE)).isEqualTo(metrics.get(TIME_BETWEEN_TOKENS).count());
        assertThat(metrics.get(PREFIX_QUERY_TOKENS)).isEqualTo(sum(results, GenerationResult::promptTokens));
        assertThat(metrics.prefixHitRate()).isBetween(0.01, 0.99);
        long computed = metrics.get(TOKENS_PREFILL) + metrics.get(TOKENS_DECODE);
        assertThat(metrics.get(BACKEND_KV_WRITE_BYTES)).isEqualTo(computed * engine.memoryPlan().kvBytesPerToken());
        assertThat(metrics.get(BACKEND_FLOPS)).isPositive();
    }

    @Test
    void tokensLostToPreemptionAreComputedAgain() {
        Engine engine = Engine.open(MODEL, MetricsWorkload.tinyPool(MODEL).prefixCache(false).build());
        List<GenerationResult> results = MetricsWorkload.run(engine, 16, 1);
        engine.close();

        EngineMetrics.Snapshot metrics = engine.metrics().snapshot();
        assertThat(metrics.get(PREEMPTIONS)).isPositive();
        assertThat(metrics.get(RESUMPTIONS)).isEqualTo(metrics.get(PREEMPTIONS));
        assertThat(metrics.get(TOKENS_LOST)).isEqualTo(metrics.get(TOKENS_RECOMPUTED)).isPositive();
        assertThat(metrics.kvPeakUsage()).isGreaterThan(0.9).isLessThanOrEqualTo(1);
        checkRequests(metrics, results);
        checkSteps(metrics);
        checkConservation(metrics, results);
    }

    @Test
    void tokensLostAndFoundInThePrefixCacheAreConserved() {
        Engine engine = Engine.open(MODEL, MetricsWorkload.tinyPool(MODEL).hostKvBytes(1 << 20).build());
        List<GenerationResult> results = MetricsWorkload.run(engine, 16, 3);
        engine.close();

        EngineMetrics.Snapshot metrics = engine.metrics().snapshot();
        assertThat(metrics.get(PREEMPTIONS)).isPositive();
        checkRequests(metrics, results);
        checkSteps(metrics);
        checkConservation(metrics, results);
    }

    @Test
    void refusedAndCancelledRequestsAreCountedAsSuch() throws InterruptedException {
        CountDownLatch inStep = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        EngineOptions.Builder options = EngineOptions.builder().maxSequences(1).queueCapacity(1);
        Engine engine = InterposedBackend.open(MODEL, options, (call, arguments) -> {
            if (call.equals("begin")) {
                inStep.countDown();
                await(goOn);
            }
        });
        Generation running = engine.submit(MetricsWorkload.request(20, 100, 1));
        inStep.await();
        Generation waiting = engine.submit(MetricsWorkload.request(20, 100, 1));
        assertRefused(engine, MetricsWorkload.request(20, 100, 1), PillionException.Code.QUEUE_FULL);
        assertRefused(engine, MetricsWorkload.request(10_000, 1, 1), PillionException.Code.BAD_REQUEST);
        assertRefused(engine, MetricsWorkload.request(20, 1, 2), PillionException.Code.BAD_REQUEST);
        EngineMetrics.Snapshot during = engine.metrics().snapshot();
        waiting.cancel();
        running.cancel();
        goOn.countDown();
        int generated = running.result().generatedTokens();
        waiting.result();
        engine.close();

        assertThat(during.get(Gauge.REQUESTS_WAITING)).isEqualTo(1);
        assertThat(during.requestsFinished()).isZero();
        EngineMetrics.Snapshot metrics = engine.metrics().snapshot();
        assertThat(metrics.get(REQUESTS_SUBMITTED)).isEqualTo(2);
        assertThat(metrics.get(REQUESTS_CANCELLED)).isEqualTo(2);
        assertThat(metrics.requestsFinished()).isEqualTo(2);
        assertThat(metrics.get(REQUESTS_REFUSED_QUEUE_FULL)).isEqualTo(1);
        assertThat(metrics.get(REQUESTS_REFUSED_BAD_REQUEST)).isEqualTo(2);
        assertThat(metrics.get(Gauge.REQUESTS_WAITING)).isZero();
        assertThat(metrics.get(ADMISSIONS)).isEqualTo(1);
        assertThat(metrics.get(PROMPT_TOKENS).sum()).isEqualTo(20);
        assertThat(metrics.get(TOKENS_GENERATED)).isEqualTo(generated).isEqualTo(1);
        assertThat(metrics.get(TIME_TO_FIRST_TOKEN).count()).isEqualTo(1);
        assertThat(metrics.get(TIME_BETWEEN_TOKENS).count()).isZero();
        assertThat(metrics.get(TOTAL_TIME).count()).isZero();
    }

    @Test
    void aStepThatFailsIsCountedAndItsTokensAreNot() {
        AtomicInteger begun = new AtomicInteger();
        EngineOptions.Builder options = EngineOptions.builder().maxSequences(8).chunkTokens(32);
        Engine engine = InterposedBackend.open(MODEL, options, (call, arguments) -> {
            if (call.equals("begin") && begun.incrementAndGet() % 5 == 3) {
                throw new IllegalStateException("a fault of the device");
            }
        });
        List<GenerationResult> results = MetricsWorkload.run(engine, 12, 2);
        engine.close();

        EngineMetrics.Snapshot metrics = engine.metrics().snapshot();
        assertThat(metrics.get(STEPS_FAILED)).isEqualTo((begun.get() + 2) / 5).isPositive();
        assertThat(metrics.get(STEPS)).isEqualTo(begun.get() - metrics.get(STEPS_FAILED));
        checkRequests(metrics, results);
        checkSteps(metrics);
        checkConservation(metrics, results);
    }

    @Test
    void whatFailedStepsLoseOfATinyPoolIsConserved() {
        AtomicInteger begun = new AtomicInteger();
        EngineOptions.Builder options = MetricsWorkload.tinyPool(MODEL).hostKvBytes(1 << 20);
        Engine engine = InterposedBackend.open(MODEL, options, (call, arguments) -> {
            if (call.equals("begin") && begun.incrementAndGet() % 3 == 0) {
                throw new IllegalStateException("a fault of the device");
            }
        });
        List<GenerationResult> results = MetricsWorkload.run(engine, 16, 3);
        engine.close();

        EngineMetrics.Snapshot metrics = engine.metrics().snapshot();
        assertThat(metrics.get(STEPS_FAILED)).isEqualTo(begun.get() / 3).isPositive();
        assertThat(metrics.get(KV_FETCHED_BLOCKS)).isPositive();
        assertThat(metrics.get(KV_OFFLOADED_BLOCKS)).isPositive();
        assertThat(metrics.get(KV_COPIED_BLOCKS)).isPositive();
        assertThat(metrics.get(Gauge.KV_HOST_BLOCKS_CACHED)).isBetween(1L, metrics.get(Gauge.KV_HOST_BLOCKS));
        checkRequests(metrics, results);
        checkSteps(metrics);
        checkConservation(metrics, results);
    }

    @Test
    void aRequestWhoseLogitsAreSpoiltFailsAloneAndIsCountedOnce() {
        AtomicInteger rows = new AtomicInteger();
        EngineOptions.Builder options = EngineOptions.builder().maxSequences(4);
        Engine engine = InterposedBackend.open(MODEL, options, new Interposer() {
            @Override
            public void before(String call, Object[] arguments) {}

            @Override
            public void after(String call, Object[] arguments) {
                // Row 1 is the prompt, whose logits give both first tokens; row 2 the first sample's second token.
                if (call.equals("download") && rows.incrementAndGet() == 2) {
                    ((float[]) arguments[2])[5] = Float.NaN;
                }
            }
        });
        Generation spoilt = engine.submit(MetricsWorkload.request(20, 10, 2));
        assertThatThrownBy(spoilt::result).isInstanceOfSatisfying(
                PillionException.class, e -> assertThat(e.code()).isEqualTo(PillionException.Code.REQUEST_FAILED));
        GenerationResult good = engine.generate(MetricsWorkload.request(20, 10, 1));
        engine.close();

        EngineMetrics.Snapshot metrics = engine.metrics().snapshot();
        assertThat(metrics.get(REQUESTS_FAILED)).isEqualTo(1);
        assertThat(metrics.get(REQUESTS_STOP) + metrics.get(REQUESTS_LENGTH)).isEqualTo(1);
        assertThat(metrics.get(TOKENS_GENERATED)).isEqualTo(2 + good.generatedTokens());
        assertThat(metrics.get(TOTAL_TIME).count()).isEqualTo(1);
        assertThat(metrics.get(TIME_TO_FIRST_TOKEN).count()).isEqualTo(2);
    }

    @Test
    void anEngineThatFailsCountsEveryRequestAsFailed() {
        Engine engine = InterposedBackend.open(MODEL, EngineOptions.builder().maxSequences(2), (call, arguments) -> {
            if (call.equals("begin")) {
                throw new IllegalStateException("the device is gone");
            }
        });
        List<Generation> generations = IntStream.range(0, 6)
                .mapToObj(i -> trySubmit(engine))
                .flatMap(List::stream)
                .toList();
        for (Generation generation : generations) {
            assertThatThrownBy(generation::result).isInstanceOf(PillionException.class);
        }
        engine.close();

        EngineMetrics.Snapshot metrics = engine.metrics().snapshot();
        assertThat(generations).isNotEmpty();
        assertThat(metrics.get(REQUESTS_SUBMITTED)).isEqualTo(generations.size());
        assertThat(metrics.get(REQUESTS_FAILED)).isEqualTo(generations.size());
        assertThat(metrics.get(STEPS_FAILED)).isEqualTo(3);
        assertThat(metrics.get(STEPS)).isZero();
        assertThat(metrics.get(Gauge.SEQUENCES_RUNNING)).isZero();
        assertThat(metrics.get(Gauge.REQUESTS_WAITING)).isZero();
    }

    @Test
    void aResultIsCountedBeforeItsCallerHasIt() {
        try (Engine engine = Engine.open(MODEL, EngineOptions.builder().maxSequences(2).build())) {
            for (int i = 1; i <= 20; i++) {
                engine.generate(MetricsWorkload.request(5 + i, 3, 1));
                assertThat(engine.metrics().snapshot().requestsFinished()).isEqualTo(i);
                assertThat(engine.metrics().snapshot().get(TOTAL_TIME).count()).isEqualTo(i);
            }
        }
    }

    @Test
    void stepsArePredictedWhereThereIsALatencyTarget() {
        EngineOptions.Builder options = EngineOptions.builder().maxSequences(4).chunkTokens(64);
        Engine fixed = Engine.open(MODEL, options.build());
        MetricsWorkload.run(fixed, 4, 1);
        fixed.close();
        Engine adaptive = Engine.open(MODEL, options.tbtTarget(Duration.ofMillis(20)).build());
        MetricsWorkload.run(adaptive, 4, 1);
        adaptive.close();

        assertThat(fixed.metrics().snapshot().get(Gauge.STEP_BUDGET)).isEqualTo(64);
        assertThat(fixed.metrics().snapshot().get(Gauge.STEP_PREDICTED_TIME)).isZero();
        assertThat(adaptive.metrics().snapshot().get(Gauge.STEP_BUDGET)).isBetween(1L, 64L);
        assertThat(adaptive.metrics().snapshot().get(Gauge.STEP_PREDICTED_TIME)).isPositive();
    }

    private static void checkRequests(EngineMetrics.Snapshot metrics, List<GenerationResult> results) {
        long stopped = results.stream().filter(result -> result.finishReason() == FinishReason.STOP).count();
        long generated = sum(results, GenerationResult::generatedTokens);
        assertThat(metrics.get(REQUESTS_SUBMITTED)).isEqualTo(results.size());
        assertThat(metrics.get(ADMISSIONS)).isEqualTo(results.size());
        assertThat(metrics.get(REQUESTS_STOP)).isEqualTo(stopped);
        assertThat(metrics.get(REQUESTS_LENGTH)).isEqualTo(results.size() - stopped);
        assertThat(metrics.requestsFinished()).isEqualTo(results.size());
        assertThat(metrics.get(TOKENS_GENERATED)).isEqualTo(generated);
        assertThat(metrics.get(GENERATED_TOKENS).count()).isEqualTo(results.size());
        assertThat(metrics.get(GENERATED_TOKENS).sum()).isEqualTo(generated);
        assertThat(metrics.get(GENERATED_TOKENS).max())
                .isEqualTo(results.stream().mapToInt(GenerationResult::generatedTokens).max().orElseThrow());
        assertThat(metrics.get(PROMPT_TOKENS).sum()).isEqualTo(sum(results, GenerationResult::promptTokens));
        assertThat(metrics.get(TIME_BETWEEN_TOKENS).count())
                .isEqualTo(generated - sum(results, result -> result.completions().size()));
        checkTimes(metrics, results);
    }

    private static void checkTimes(EngineMetrics.Snapshot metrics, List<GenerationResult> results) {
        for (var distribution : List.of(TIME_TO_FIRST_TOKEN, QUEUE_TIME, PREFILL_TIME, DECODE_TIME, TOTAL_TIME)) {
            assertThat(metrics.get(distribution).count()).as(distribution.key()).isEqualTo(results.size());
        }
        assertThat(metrics.get(QUEUE_TIME).sum()).isEqualTo(sum(results, result -> result.timing().queued().toNanos()));
        assertThat(metrics.get(TIME_TO_FIRST_TOKEN).sum())
                .isEqualTo(sum(results, result -> result.timing().firstToken().toNanos()));
        assertThat(metrics.get(TOTAL_TIME).sum()).isEqualTo(sum(results, result -> result.timing().total().toNanos()));
        assertThat(metrics.get(QUEUE_TIME).sum() + metrics.get(PREFILL_TIME).sum() + metrics.get(DECODE_TIME).sum())
                .isEqualTo(metrics.get(TOTAL_TIME).sum());
        assertThat(metrics.get(TIME_BETWEEN_TOKENS).max())
                .isPositive()
                .isLessThanOrEqualTo(metrics.get(DECODE_TIME).max());
    }

    private static void checkSteps(EngineMetrics.Snapshot metrics) {
        long steps = metrics.get(STEPS);
        assertThat(steps).isPositive();
        for (var distribution : List.of(STEP_TIME, STEP_HOST_TIME, STEP_PREFILL_TOKENS, STEP_DECODE_TOKENS)) {
            assertThat(metrics.get(distribution).count()).as(distribution.key()).isEqualTo(steps);
        }
        assertThat(metrics.get(STEP_PREFILL_TOKENS).sum()).isEqualTo(metrics.get(TOKENS_PREFILL));
        assertThat(metrics.get(STEP_DECODE_TOKENS).sum()).isEqualTo(metrics.get(TOKENS_DECODE));
        assertThat(metrics.get(STEP_HOST_TIME).sum()).isPositive().isLessThan(metrics.get(STEP_TIME).sum());
        checkPhases(metrics);
        assertThat(metrics.get(Gauge.SEQUENCES_RUNNING)).isZero();
        assertThat(metrics.get(Gauge.SEQUENCES_WAITING)).isZero();
        assertThat(metrics.get(Gauge.KV_BLOCKS_USED)).isZero();
        assertThat(metrics.get(Gauge.KV_BLOCKS_FREE)).isEqualTo(metrics.get(Gauge.KV_BLOCKS));
        assertThat(metrics.get(Gauge.KV_BLOCKS_PEAK)).isBetween(1L, metrics.get(Gauge.KV_BLOCKS));
    }

    /** The CPU computes in the calls: nothing is put on a queue. */
    private static void checkPhases(EngineMetrics.Snapshot metrics) {
        long sum = 0;
        for (var phase : List.of(STEP_PLAN_TIME, STEP_FILL_TIME, STEP_ENQUEUE_TIME, STEP_WAIT_TIME, STEP_COMMIT_TIME)) {
            assertThat(metrics.get(phase).count()).as(phase.key()).isEqualTo(metrics.get(STEPS));
            sum += metrics.get(phase).sum();
        }
        assertThat(sum).isEqualTo(metrics.get(STEP_TIME).sum());
        assertThat(metrics.get(STEP_ENQUEUE_TIME).sum()).isZero();
        assertThat(metrics.get(STEP_WAIT_TIME).sum()).isPositive();
        assertThat(metrics.hostNanosPerStep() * metrics.get(STEPS))
                .isCloseTo(metrics.get(STEP_TIME).sum() - metrics.get(STEP_WAIT_TIME).sum(), within(1.0));
    }

    /** Every token a request needs was computed or found once, and again as often as it was lost. */
    private static void checkConservation(EngineMetrics.Snapshot metrics, List<GenerationResult> results) {
        long needed = sum(results, result -> result.promptTokens()
                + result.completions().stream().mapToInt(MetricsTest::computedTokens).sum());
        assertThat(metrics.get(TOKENS_PREFILL) + metrics.get(TOKENS_DECODE) + metrics.get(PREFIX_HIT_TOKENS))
                .isEqualTo(needed + metrics.get(TOKENS_LOST));
    }

    /** The last token's keys and values are never needed. */
    private static int computedTokens(Completion completion) {
        return completion.tokens().size() - 1;
    }

    private static List<Generation> trySubmit(Engine engine) {
        try {
            return List.of(engine.submit(MetricsWorkload.request(20, 10, 1)));
        } catch (PillionException e) {
            assertThat(e.code()).isEqualTo(PillionException.Code.ENGINE_FAILED);
            return List.of();
        }
    }

    private static void assertRefused(Engine engine, GenerationRequest request, PillionException.Code code) {
        assertThatThrownBy(() -> engine.submit(request))
                .isInstanceOfSatisfying(PillionException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long sum(List<GenerationResult> results, ToLongFunction<GenerationResult> number) {
        return results.stream().mapToLong(number).sum();
    }
}
