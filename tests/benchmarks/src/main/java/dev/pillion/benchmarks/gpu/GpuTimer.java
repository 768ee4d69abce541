package dev.pillion.benchmarks.gpu;

import dev.pillion.benchmarks.Samples;
import dev.pillion.kernels.driver.GpuContext;
import java.util.Locale;
import java.util.function.IntConsumer;

/**
 * Times launches by the device's clock. Launches are recorded as one graph and replayed, so that what is timed is the device
 * and not how fast the host enqueues; a replay holds as many launches as take a millisecond or two and as use every copy
 * of the operands once. On the virtual GPU, where times mean nothing, everything is done as seldom as possible.
 */
final class GpuTimer implements AutoCloseable {
    private static final double REPLAY_MICROS = 2000;
    private static final int MOST_LAUNCHES = 1024;
    private static final int WARM_UPS = 3;
    private static final int LEAST_SAMPLES = 20;
    private static final int MOST_SAMPLES = 200;
    private static final double ENOUGH_MICROS = 150_000;

    private final GpuContext context;
    private final boolean virtual;
    private final long stream;
    private final long start;
    private final long end;

    GpuTimer(BenchmarkGpu gpu) {
        context = gpu.context();
        virtual = gpu.isVirtual();
        stream = gpu.stream();
        start = context.createEvent();
        end = context.createEvent();
    }

    /**
     * Time of one turn.
     *
     * @param micros the median in microseconds
     * @param low a tenth of the samples are at or below it
     * @param high a tenth of the samples are at or above it
     * @param samples how often it was taken
     * @param turns turns of a sample
     */
    record Timing(double micros, double low, double high, int samples, int turns) {
        double seconds() {
            return micros / 1e6;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT, "%.2f us (%.2f to %.2f, %d samples of %d)", micros, low, high, samples, turns);
        }
    }

    /**
     * Times turns.
     *
     * @param leastTurns a sample has at least so many different turns
     * @param recorded whether the launches are recorded; if not, a sample is enqueued call by call
     * @param enqueue puts a turn on the stream
     */
    Timing time(int leastTurns, boolean recorded, IntConsumer enqueue) {
        enqueue.accept(0);
        context.synchronize(stream);
        double estimate = sample(() -> {
            for (int turn = 0; turn < WARM_UPS; turn++) {
                enqueue.accept(turn);
            }
        }) / WARM_UPS;
        int turns = turns(estimate, Math.min(leastTurns, MOST_LAUNCHES));
        Runnable all = () -> {
            for (int turn = 0; turn < turns; turn++) {
                enqueue.accept(turn);
            }
        };
        if (!recorded) {
            return samples(turns, all);
        }
        context.beginCapture(stream);
        all.run();
        long graph = context.endCapture(stream);
        try {
            return samples(turns, () -> context.launchGraph(graph, stream));
        } finally {
            context.destroyGraph(graph);
        }
    }

    private int turns(double estimate, int least) {
        return virtual ? 1 : Math.clamp((long) (REPLAY_MICROS / Math.max(estimate, 0.1)), least, MOST_LAUNCHES);
    }

    private Timing samples(int turns, Runnable all) {
        for (int i = 0; i < WARM_UPS; i++) {
            sample(all);
        }
        Samples samples = new Samples();
        int least = virtual ? 1 : LEAST_SAMPLES;
        int most = virtual ? 1 : MOST_SAMPLES;
        double spent = 0;
        while (samples.count() < least || samples.count() < most && spent < ENOUGH_MICROS) {
            double micros = sample(all);
            spent += micros;
            samples.add(micros / turns);
        }
        return new Timing(samples.median(), samples.quantile(0.1), samples.quantile(0.9), samples.count(), turns);
    }

    /** Microseconds between the events around some work. */
    double sample(Runnable work) {
        context.recordEvent(start, stream);
        work.run();
        context.recordEvent(end, stream);
        context.synchronizeEvent(end);
        return 1000.0 * context.elapsedMillis(start, end);
    }

    @Override
    public void close() {
        context.destroyEvent(start);
        context.destroyEvent(end);
    }
}
