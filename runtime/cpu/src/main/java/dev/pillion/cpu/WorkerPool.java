package dev.pillion.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The threads of a CPU backend. One thread, always the same role, calls {@link #run}; it takes part as slot 0, and the
 * others, daemon threads, as slots 1 and up.
 *
 * <p>Tasks are claimed one by one from a ticket: the number of the run in the upper and the next index in the lower
 * half of one long. A claim is a compare-and-set of the whole long, so a worker that wakes late cannot take a task of a
 * run it has not seen begin. Between runs the index is beyond any count. The caller waits for the tasks, not for the
 * workers: one that sleeps through a short run costs nothing.
 *
 * <p>Consecutive operations of a step are microseconds apart, so whoever waits spins for {@link #SPIN_NANOS} before it
 * parks; with more threads than processors spinning would keep the work from running, and they park at once.
 */
final class WorkerPool implements AutoCloseable {
    /** One operation, cut into independent parts. */
    interface Task {
        /**
         * Does part {@code index}.
         *
         * @param index from zero to the number of parts, each exactly once
         * @param slot the thread, for scratch memory; below {@link WorkerPool#threads()}
         */
        void run(int index, int slot);
    }

    private static final long SPIN_NANOS = 50_000;
    private static final int SPINS_PER_CLOCK_READ = 64;
    private static final int NO_INDEX = Integer.MAX_VALUE;

    private final Worker[] workers;
    private final long spinNanos;
    private final AtomicLong ticket = new AtomicLong(NO_INDEX);
    private final AtomicInteger completed = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile @Nullable Task task;
    private volatile int taskCount;
    private volatile @Nullable Thread parkedCaller;
    private volatile boolean closed;
    private boolean running;

    /**
     * Starts the threads.
     *
     * @param threads number of slots, the calling thread included
     */
    WorkerPool(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("a worker pool needs at least one thread, not " + threads);
        }
        spinNanos = threads <= Runtime.getRuntime().availableProcessors() ? SPIN_NANOS : 0;
        workers = new Worker[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
            workers[i].start();
        }
    }

    /** Number of slots. */
    int threads() {
        return workers.length + 1;
    }

    /** Whether every thread of the pool may read {@code data}. */
    boolean canRead(java.lang.foreign.MemorySegment data) {
        for (Worker worker : workers) {
            if (!data.isAccessibleBy(worker)) {
                return false;
            }
        }
        return data.isAccessibleBy(Thread.currentThread());
    }

    /**
     * Runs all parts of a task and returns when they are done. If a part throws, parts not yet begun are left out and
     * the first exception is thrown here, unwrapped; the pool stays usable.
     */
    void run(int count, Task work) {
        if (closed || running) {
            throw new IllegalStateException(closed ? "the worker pool is closed" : "a task may not start another run");
        }
        running = true;
        try {
            if (workers.length == 0 || count <= 1) {
                for (int index = 0; index < count; index++) {
                    work.run(index, 0);
                }
            } else {
                share(count, work);
            }
        } finally {
            running = false;
        }
    }

    private void share(int count, Task work) {
        completed.set(0);
        task = work;
        taskCount = count;
        long run = (ticket.get() >>> 32) + 1;
        ticket.set(run << 32);
        for (int i = 0; i < Math.min(workers.length, count - 1); i++) {
            workers[i].wake();
        }
        claimTasks(0);
        awaitCompletion(count);
        ticket.set(run << 32 | NO_INDEX);
        task = null;
        rethrow(failure.getAndSet(null));
    }

    private boolean hasTasks() {
        return (int) ticket.get() < taskCount;
    }

    private void claimTasks(int slot) {
        while (true) {
            long seen = ticket.get();
            Task work = task;
            int count = taskCount;
            int index = (int) seen;
            if (index >= count || work == null) {
                return;
            }
            if (ticket.compareAndSet(seen, seen + 1)) {
                runOne(work, index, slot);
                if (completed.incrementAndGet() == count) {
                    LockSupport.unpark(parkedCaller);
                }
            }
        }
    }

    private void runOne(Task work, int index, int slot) {
        if (failure.get() == null) {
            try {
                work.run(index, slot);
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            }
        }
    }

    private void awaitCompletion(int count) {
        long deadline = System.nanoTime() + spinNanos;
        while (completed.get() < count) {
            if (spinUntil(deadline)) {
                continue;
            }
            parkedCaller = Thread.currentThread();
            if (completed.get() < count) {
                LockSupport.park(this);
            }
            parkedCaller = null;
        }
    }

    /** Passes a moment; false once the deadline is over. */
    private static boolean spinUntil(long deadline) {
        for (int i = 0; i < SPINS_PER_CLOCK_READ; i++) {
            Thread.onSpinWait();
        }
        return System.nanoTime() - deadline < 0;
    }

    private static void rethrow(@Nullable Throwable cause) {
        switch (cause) {
            case null -> { }
            case Error e -> throw e;
            case RuntimeException e -> throw e;
            default -> throw new IllegalStateException("a task threw a checked exception", cause);
        }
    }

    /** Ends the threads. Idempotent. */
    @Override
    public void close() {
        closed = true;
        boolean interrupted = false;
        for (Worker worker : workers) {
            LockSupport.unpark(worker);
            while (worker.isAlive()) {
                try {
                    worker.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Worker extends Thread {
        private final int slot;
        private volatile boolean parked;

        Worker(int slot) {
            super("pillion-cpu-" + slot);
            this.slot = slot;
            setDaemon(true);
        }

        void wake() {
            if (parked) {
                LockSupport.unpark(this);
            }
        }

        @Override
        public void run() {
            while (!closed) {
                claimTasks(slot);
                awaitTasks();
            }
        }

        private void awaitTasks() {
            long deadline = System.nanoTime() + spinNanos;
            while (!hasTasks() && !closed) {
                if (spinUntil(deadline)) {
                    continue;
                }
                parked = true;
                if (!hasTasks() && !closed) {
                    LockSupport.park(WorkerPool.this);
                }
                parked = false;
            }
        }
    }
}
