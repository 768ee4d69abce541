package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import dev.pillion.GenerationResult;
import dev.pillion.metrics.Counter;
import dev.pillion.metrics.Distribution;
import dev.pillion.metrics.EngineMetrics;
import dev.pillion.metrics.Gauge;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recording with the packaged settings holds an event for everything the metrics counted, with the same numbers. */
class FlightRecorderTest {
    private static final Path MODEL = TestData.source("runtime/cli/src/main/resources/dev/pillion/cli/demo.gguf");

    @TempDir
    Path folder;

    @Test
    void eventsAgreeWithTheMetrics() throws Exception {
        AtomicInteger begun = new AtomicInteger();
        Engine engine;
        List<GenerationResult> results;
        Path file = folder.resolve("engine.jfr");
        try (Recording recording = new Recording(settings())) {
            recording.start();
            engine = InterposedBackend.open(MODEL, MetricsWorkload.tinyPool(MODEL), (call, arguments) -> {
                if (call.equals("begin") && begun.incrementAndGet() == 4) {
                    throw new IllegalStateException("a fault of the device");
                }
            });
            results = MetricsWorkload.run(engine, 16, 2);
            engine.close();
            recording.stop();
            recording.dump(file);
        }
        EngineMetrics.Snapshot metrics = engine.metrics().snapshot();
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        checkSteps(metrics, named(events, "Step"));
        checkAdmissions(metrics, named(events, "Admission"));
        checkPreemptions(metrics, named(events, "Preemption"));
        checkEnds(metrics, named(events, "RequestEnd"), results);
        checkFailures(metrics, named(events, "StepFailure"), named(events, "Step"));
    }

    @Test
    void aLatencyTargetShowsItsPredictions() throws Exception {
        Path file = folder.resolve("latency.jfr");
        try (Recording recording = new Recording(settings())) {
            recording.start();
            EngineOptions.Builder options = EngineOptions.builder()
                    .maxSequences(4)
                    .chunkTokens(64)
                    .tbtTarget(Duration.ofMillis(20));
            try (Engine engine = Engine.open(MODEL, options.build())) {
                MetricsWorkload.run(engine, 4, 1);
            }
            recording.stop();
            recording.dump(file);
        }
        assertThat(named(RecordingFile.readAllEvents(file), "Step")).isNotEmpty().allSatisfy(step -> {
            assertThat(step.getDuration("predictedTime").toNanos()).isPositive();
            assertThat(step.getInt("budgetTokens")).isBetween(1, 64);
        });
    }

    private static void checkSteps(EngineMetrics.Snapshot metrics, List<RecordedEvent> steps) {
        assertThat(steps).hasSize((int) metrics.get(Counter.STEPS));
        assertThat(sum(steps, step -> step.getInt("prefillTokens"))).isEqualTo(metrics.get(Counter.TOKENS_PREFILL));
        assertThat(sum(steps, step -> step.getInt("decodeTokens"))).isEqualTo(metrics.get(Counter.TOKENS_DECODE));
        assertThat(steps.stream().map(step -> step.getLong("step")).distinct()).hasSize(steps.size());
        assertThat(steps).allSatisfy(step -> {
            assertThat(step.getInt("budgetTokens")).isEqualTo(32);
            assertThat(step.getInt("prefillTokens") + step.getInt("decodeTokens")).isLessThanOrEqualTo(32);
            assertThat(step.getInt("segments")).isBetween(0, 8);
            assertThat((long) step.getInt("kvBlocksFree")).isBetween(0L, metrics.get(Gauge.KV_BLOCKS));
            assertThat(step.getDuration("predictedTime")).isZero();
            assertThat(step.getDuration()).isPositive();
            assertThat(step.getStackTrace()).isNull();
            assertThat(step.getThread().getJavaName()).isEqualTo("pillion-engine");
        });
        // The event's clock is read just outside the engine's.
        long recorded = sum(steps, step -> step.getDuration().toNanos());
        long measured = metrics.get(Distribution.STEP_TIME).sum();
        assertThat((double) recorded).isBetween(measured * 0.9, measured * 1.5);
    }

    private static void checkAdmissions(EngineMetrics.Snapshot metrics, List<RecordedEvent> admissions) {
        assertThat(admissions).hasSize((int) metrics.get(Counter.ADMISSIONS));
        assertThat(requests(admissions)).hasSize(admissions.size());
        assertThat(sum(admissions, event -> event.getInt("promptTokens")))
                .isEqualTo(metrics.get(Distribution.PROMPT_TOKENS).sum());
        assertThat(sum(admissions, event -> event.getInt("prefixHitTokens"))).isPositive();
        assertThat(sum(admissions, event -> event.getDuration("queueTime").toNanos()))
                .isEqualTo(metrics.get(Distribution.QUEUE_TIME).sum());
    }

    private static void checkPreemptions(EngineMetrics.Snapshot metrics, List<RecordedEvent> preemptions) {
        assertThat(preemptions).isNotEmpty().hasSize((int) metrics.get(Counter.PREEMPTIONS));
        // A failed step that was to copy blocks loses some too; no sequence was preempted for those.
        assertThat(sum(preemptions, event -> event.getInt("tokensLost")))
                .isPositive()
                .isLessThanOrEqualTo(metrics.get(Counter.TOKENS_LOST));
    }

    private static void checkEnds(
            EngineMetrics.Snapshot metrics, List<RecordedEvent> ends, List<GenerationResult> results) {
        assertThat(ends).hasSize(results.size());
        assertThat(requests(ends)).hasSize(ends.size());
        assertThat(sum(ends, event -> event.getInt("generatedTokens")))
                .isEqualTo(metrics.get(Counter.TOKENS_GENERATED));
        assertThat(sum(ends, event -> event.getInt("promptTokens")))
                .isEqualTo(metrics.get(Distribution.PROMPT_TOKENS).sum());
        assertThat(sum(ends, event -> event.getDuration("ttft").toNanos()))
                .isEqualTo(metrics.get(Distribution.TIME_TO_FIRST_TOKEN).sum());
        assertThat(sum(ends, event -> event.getDuration("totalTime").toNanos()))
                .isEqualTo(metrics.get(Distribution.TOTAL_TIME).sum());
        assertThat(ends.stream().filter(event -> event.getString("reason").equals("length")))
                .hasSize((int) metrics.get(Counter.REQUESTS_LENGTH));
        assertThat(ends.stream().filter(event -> event.getString("reason").equals("stop")))
                .hasSize((int) metrics.get(Counter.REQUESTS_STOP));
    }

    private static void checkFailures(
            EngineMetrics.Snapshot metrics, List<RecordedEvent> failures, List<RecordedEvent> steps) {
        assertThat(failures).hasSize(1).hasSize((int) metrics.get(Counter.STEPS_FAILED));
        RecordedEvent failure = failures.getFirst();
        assertThat(failure.getString("failure")).contains("a fault of the device");
        assertThat(failure.getInt("failuresInARow")).isEqualTo(1);
        assertThat(failure.getInt("segments")).isBetween(1, 8);
        assertThat(failure.getInt("tokens")).isBetween(1, 32);
        long number = failure.getLong("step");
        assertThat(steps).noneMatch(step -> step.getLong("step") == number);
        assertThat(steps.stream().filter(step -> step.getLong("step") < number)).hasSize(3);
    }

    private static Configuration settings() throws Exception {
        try (Reader reader = new InputStreamReader(
                Objects.requireNonNull(Engine.class.getResourceAsStream("/META-INF/jfr/pillion.jfc")),
                StandardCharsets.UTF_8)) {
            return Configuration.create(reader);
        }
    }

    private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
        return events.stream().filter(event -> event.getEventType().getName().equals("dev.pillion." + name)).toList();
    }

    private static Set<Long> requests(List<RecordedEvent> events) {
        return events.stream().map(event -> event.getLong("request")).collect(Collectors.toSet());
    }

    private static long sum(List<RecordedEvent> events, ToLongFunction<RecordedEvent> number) {
        return events.stream().mapToLong(number).sum();
    }
}
