package dev.pillion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.metrics.Counter;
import dev.pillion.metrics.Distribution;
import dev.pillion.metrics.EngineMetrics;
import dev.pillion.metrics.Gauge;
import dev.pillion.spi.DeviceTelemetry;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class MetricsRecorderTest {
    private static final int CHANGES = 5_000;
    /** Much longer than a copy takes; steps are much longer still. */
    private static final long PAUSE_NANOS = 50_000;

    @Test
    void aSnapshotHasWhatWasRecorded() {
        MetricsRecorder recorder = new MetricsRecorder(() -> 7, DeviceTelemetry.NONE);
        recorder.begin();
        recorder.add(Counter.TOKENS_GENERATED, 2);
        recorder.add(Counter.TOKENS_GENERATED, 3);
        recorder.set(Counter.BACKEND_FLOPS, 11);
        recorder.set(Gauge.KV_BLOCKS, 13);
        recorder.record(Distribution.QUEUE_TIME, 100);
        recorder.record(Distribution.QUEUE_TIME, -5);
        recorder.record(Distribution.STEP_DECODE_TOKENS, 1);
        recorder.end();
        recorder.countFromAnyThread(Counter.REQUESTS_SUBMITTED);

        EngineMetrics.Snapshot snapshot = recorder.snapshot();
        assertThat(snapshot.get(Counter.TOKENS_GENERATED)).isEqualTo(5);
        assertThat(snapshot.get(Counter.BACKEND_FLOPS)).isEqualTo(11);
        assertThat(snapshot.get(Counter.REQUESTS_SUBMITTED)).isEqualTo(1);
        assertThat(snapshot.get(Gauge.KV_BLOCKS)).isEqualTo(13);
        assertThat(snapshot.get(Gauge.REQUESTS_WAITING)).isEqualTo(7);
        assertThat(snapshot.get(Distribution.QUEUE_TIME).count()).isEqualTo(2);
        assertThat(snapshot.get(Distribution.QUEUE_TIME).sum()).isEqualTo(100);
        assertThat(snapshot.get(Distribution.QUEUE_TIME).max()).isEqualTo(100);
        assertThat(snapshot.get(Distribution.STEP_DECODE_TOKENS).percentile(50)).isEqualTo(1);
        assertThat(snapshot.counters()).hasSize(Counter.values().length);
        assertThat(snapshot.gauges()).hasSize(Gauge.values().length);
        assertThat(snapshot.distributions()).hasSize(Distribution.values().length);
    }

    @Test
    void aSnapshotDoesNotChangeAfterwards() {
        MetricsRecorder recorder = new MetricsRecorder(() -> 0, DeviceTelemetry.NONE);
        change(recorder, 1);
        EngineMetrics.Snapshot snapshot = recorder.snapshot();
        change(recorder, 2);
        assertThat(snapshot.get(Counter.STEPS)).isEqualTo(1);
        assertThat(snapshot.get(Distribution.STEP_TIME).count()).isEqualTo(1);
    }

    /** The first and the last cells of the array, and those between, always belong to the same change. */
    @Test
    void readersSeeWholeChangesWhileTheWriterGoesOn() throws Exception {
        MetricsRecorder recorder = new MetricsRecorder(() -> 0, DeviceTelemetry.NONE);
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService readers = Executors.newFixedThreadPool(2)) {
            List<Future<Integer>> results = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                results.add(readers.submit(() -> readUntil(done, recorder)));
            }
            for (int i = 1; i <= CHANGES; i++) {
                change(recorder, i);
                spin(PAUSE_NANOS);
            }
            done.set(true);
            for (Future<Integer> result : results) {
                assertThat(result.get()).as("snapshots taken").isPositive();
            }
        }
        assertThat(recorder.snapshot().get(Counter.STEPS)).isEqualTo(CHANGES);
    }

    @Test
    void recordingAllocatesNothing() throws ReflectiveOperationException {
        MetricsRecorder recorder = new MetricsRecorder(() -> 0, DeviceTelemetry.NONE);
        Object threads = Class.forName("java.lang.management.ManagementFactory").getMethod("getThreadMXBean").invoke(null);
        Method allocated = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
        changes(recorder, 20_000);
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = (Long) allocated.invoke(threads);
            changes(recorder, 20_000);
            least = Math.min(least, (Long) allocated.invoke(threads) - before);
        }
        assertThat(least).as("bytes for 20,000 changes, the measurement's own included").isLessThan(2_000);
    }

    private static void changes(MetricsRecorder recorder, int count) {
        for (int i = 0; i < count; i++) {
            change(recorder, i);
            recorder.countFromAnyThread(Counter.REQUESTS_CANCELLED);
        }
    }

    private static void change(MetricsRecorder recorder, int value) {
        recorder.begin();
        recorder.add(Counter.STEPS, 1);
        recorder.set(Gauge.STEP_BUDGET, value);
        recorder.record(Distribution.STEP_TIME, 1_000L * value);
        recorder.record(Distribution.STEP_DECODE_TOKENS, 1);
        recorder.end();
    }

    private static int readUntil(AtomicBoolean done, MetricsRecorder recorder) {
        int taken = 0;
        long last = 0;
        do {
            EngineMetrics.Snapshot snapshot = recorder.snapshot();
            long steps = snapshot.get(Counter.STEPS);
            assertThat(steps).isGreaterThanOrEqualTo(last);
            assertThat(snapshot.get(Gauge.STEP_BUDGET)).isEqualTo(steps);
            assertThat(snapshot.get(Distribution.STEP_TIME).count()).isEqualTo(steps);
            assertThat(snapshot.get(Distribution.STEP_TIME).sum()).isEqualTo(1_000 * steps * (steps + 1) / 2);
            assertThat(snapshot.get(Distribution.STEP_DECODE_TOKENS).sum()).isEqualTo(steps);
            last = steps;
            taken++;
        } while (!done.get());
        return taken;
    }

    private static void spin(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }
}
