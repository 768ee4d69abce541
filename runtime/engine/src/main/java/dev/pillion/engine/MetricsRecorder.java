package dev.pillion.engine;

import dev.pillion.metrics.BucketLayout;
import dev.pillion.metrics.Counter;
import dev.pillion.metrics.Distribution;
import dev.pillion.metrics.EngineMetrics;
import dev.pillion.metrics.Gauge;
import dev.pillion.metrics.Histogram;
import dev.pillion.spi.DeviceTelemetry;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/**
 * Keeps the numbers: one array of longs that one thread writes and any thread copies.
 *
 * <p>A sequence lock makes a copy consistent. The writer brackets what belongs together with {@link #begin} and
 * {@link #end}, which make the version odd and even again; a reader that saw the same even version before and after
 * its copy has a state between two events. The copy is of some 90 KB, a few microseconds, where changes are tens of
 * microseconds apart. The writer never waits; a reader that finds no quiet moment for a second takes what there is.
 *
 * <p>What callers' threads count, few events per request, goes into a second array with atomic additions.
 */
final class MetricsRecorder implements EngineMetrics {
    private static final int SPINS = 100;
    private static final long PAUSE_NANOS = 20_000;
    /** The writer may have lost its processor in the middle of a change; it gets it back long before this. */
    private static final long PATIENCE_NANOS = 1_000_000_000;

    private static final int GAUGES = Counter.values().length;
    private static final int DISTRIBUTIONS = GAUGES + Gauge.values().length;
    /** A distribution's cells: its sum, its largest value, its buckets. */
    private static final int SUM = 0;

    private static final int MAX = 1;
    private static final int FIRST_BUCKET = 2;
    private static final int DISTRIBUTION_CELLS = FIRST_BUCKET + BucketLayout.BUCKETS;

    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle VERSION;

    static {
        try {
            VERSION = MethodHandles.lookup().findVarHandle(MetricsRecorder.class, "version", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long[] cells = new long[DISTRIBUTIONS + Distribution.values().length * DISTRIBUTION_CELLS];
    private final AtomicLongArray byCallers = new AtomicLongArray(Counter.values().length);
    private final IntSupplier waiting;
    private final DeviceTelemetry device;
    private long version;

    /**
     * A recorder of zeros.
     *
     * @param waiting the number of waiting requests, which callers change and so is asked for with each snapshot
     * @param device is asked with each snapshot too, on the thread that takes it
     */
    MetricsRecorder(IntSupplier waiting, DeviceTelemetry device) {
        this.waiting = waiting;
        this.device = device;
    }

    /** Starts a change; writer only, not nested. */
    void begin() {
        VERSION.setOpaque(this, version + 1);
        VarHandle.storeStoreFence();
    }

    /** Ends the change that {@link #begin} started. */
    void end() {
        VERSION.setRelease(this, version + 1);
    }

    /** Adds to a counter, within a change. */
    void add(Counter counter, long amount) {
        add(counter.ordinal(), amount);
    }

    /** Sets a counter that somebody else keeps, within a change. */
    void set(Counter counter, long value) {
        CELL.setOpaque(cells, counter.ordinal(), value);
    }

    /** Sets a gauge, within a change. */
    void set(Gauge gauge, long value) {
        CELL.setOpaque(cells, GAUGES + gauge.ordinal(), value);
    }

    /** Records a value, within a change. */
    void record(Distribution distribution, long value) {
        int at = cellsOf(distribution);
        long counted = Math.max(0, value);
        add(at + SUM, counted);
        if (counted > cells[at + MAX]) {
            CELL.setOpaque(cells, at + MAX, counted);
        }
        add(at + FIRST_BUCKET + BucketLayout.bucketOf(counted), 1);
    }

    /** Adds one to a counter, from any thread. */
    void countFromAnyThread(Counter counter) {
        byCallers.getAndIncrement(counter.ordinal());
    }

    private void add(int cell, long amount) {
        CELL.setOpaque(cells, cell, cells[cell] + amount);
    }

    private static int cellsOf(Distribution distribution) {
        return DISTRIBUTIONS + distribution.ordinal() * DISTRIBUTION_CELLS;
    }

    @Override
    public Snapshot snapshot() {
        long[] copy = new long[cells.length];
        long[] callers = new long[byCallers.length()];
        copyWhenQuiet(copy, callers);
        Map<Counter, Long> counters = new EnumMap<>(Counter.class);
        for (Counter counter : Counter.values()) {
            counters.put(counter, copy[counter.ordinal()] + callers[counter.ordinal()]);
        }
        Map<Gauge, Long> gauges = new EnumMap<>(Gauge.class);
        for (Gauge gauge : Gauge.values()) {
            gauges.put(gauge, copy[GAUGES + gauge.ordinal()]);
        }
        gauges.put(Gauge.REQUESTS_WAITING, (long) waiting.getAsInt());
        Map<Distribution, Histogram> distributions = new EnumMap<>(Distribution.class);
        for (Distribution distribution : Distribution.values()) {
            int at = cellsOf(distribution);
            long[] buckets = Arrays.copyOfRange(copy, at + FIRST_BUCKET, at + DISTRIBUTION_CELLS);
            distributions.put(distribution, new Histogram(buckets, copy[at + SUM], copy[at + MAX]));
        }
        return new Snapshot(counters, gauges, distributions, device.read());
    }

    private void copyWhenQuiet(long[] copy, long[] callers) {
        long start = System.nanoTime();
        for (int attempt = 1; !tryCopy(copy, callers); attempt++) {
            if (attempt < SPINS) {
                Thread.onSpinWait();
            } else if (System.nanoTime() - start < PATIENCE_NANOS) {
                LockSupport.parkNanos(PAUSE_NANOS);
            } else {
                copyNow(copy, callers);
                return;
            }
        }
    }

    /** Copies if no change is under way, and says whether none came meanwhile. */
    private boolean tryCopy(long[] copy, long[] callers) {
        long before = (long) VERSION.getAcquire(this);
        if ((before & 1) != 0) {
            return false;
        }
        copyNow(copy, callers);
        VarHandle.acquireFence();
        return before == (long) VERSION.getOpaque(this);
    }

    private void copyNow(long[] copy, long[] callers) {
        System.arraycopy(cells, 0, copy, 0, copy.length);
        for (int i = 0; i < callers.length; i++) {
            callers[i] = byCallers.get(i);
        }
    }
}
