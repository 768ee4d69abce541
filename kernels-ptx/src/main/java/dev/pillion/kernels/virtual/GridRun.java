package dev.pillion.kernels.virtual;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Runs the blocks of a launch, several at a time. */
final class GridRun {
    private final Launch launch;
    private final AtomicLong next = new AtomicLong();
    private final Counts counts = new Counts();
    private volatile @Nullable KernelFault fault;
    private long faultBlock = Long.MAX_VALUE;
    private int running;

    private GridRun(Launch launch) {
        this.launch = launch;
    }

    /** What a launch executed. */
    static final class Counts {
        long instructions;
        long laneInstructions;
        final Traffic traffic = new Traffic();
    }

    /**
     * Runs a launch on the calling thread and up to so many others.
     *
     * @throws KernelFault of the lowest block in which a check fired
     */
    static Counts run(Launch launch, int threads) {
        GridRun run = new GridRun(launch);
        long blocks = launch.grid().product();
        for (int i = 1; i < Math.min(threads, blocks); i++) {
            ForkJoinPool.commonPool().execute(run::help);
        }
        run.work();
        run.awaitOthers();
        KernelFault fault = run.fault;
        if (fault != null) {
            throw fault;
        }
        return run.counts;
    }

    /** Takes part, unless all is done by the time the pool gets to it. */
    private void help() {
        synchronized (this) {
            if (over()) {
                return;
            }
            running++;
        }
        try {
            work();
        } finally {
            synchronized (this) {
                running--;
                notifyAll();
            }
        }
    }

    private boolean over() {
        return fault != null || launch.state().closed() || next.get() >= launch.grid().product();
    }

    private synchronized void awaitOthers() {
        MonitorWait.during(this, () -> running > 0);
    }

    private void work() {
        Launch.Size grid = launch.grid();
        ThreadBlock block = new ThreadBlock(launch);
        while (!over()) {
            long number = next.getAndIncrement();
            if (number >= grid.product()) {
                break;
            }
            Launch.Size at = new Launch.Size((int) (number % grid.x()), (int) (number / grid.x() % grid.y()),
                    (int) (number / grid.x() / grid.y()));
            try {
                block.run(at, number);
            } catch (KernelFault e) {
                fail(e, number);
            } catch (RuntimeException | StackOverflowError e) {
                KernelFault unexpected = new KernelFault(CudaResult.UNKNOWN, null, "the virtual GPU failed in kernel "
                        + launch.program().name() + ", " + block.name() + ": " + e);
                unexpected.initCause(e);
                fail(unexpected, number);
            }
        }
        synchronized (this) {
            block.report(counts);
        }
    }

    private synchronized void fail(KernelFault e, long number) {
        if (number < faultBlock) {
            faultBlock = number;
            fault = e;
        }
    }
}
