package dev.pillion.cli;

import dev.pillion.Engine;
import dev.pillion.FinishReason;
import dev.pillion.GeneratedToken;
import dev.pillion.Generation;
import dev.pillion.GenerationRequest;
import dev.pillion.GenerationResult;
import dev.pillion.PillionException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Puts a workload on an engine within this process and takes the time of every token as its reader sees it: each
 * request has a virtual thread of its own, as a caller of the Java API would.
 *
 * <p>With random moments the clock of a request starts when it was due, not when it could be sent, so that a service
 * that falls behind cannot hide it.
 */
final class LoadRunner {
    private final Engine engine;
    private final Workload workload;
    private final LoadResult.Builder result = new LoadResult.Builder();
    private final Queue<Generation> open = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean over = new AtomicBoolean();

    LoadRunner(Engine engine, Workload workload) {
        this.engine = engine;
        this.workload = workload;
    }

    /** Warms up, then runs the workload. */
    LoadResult run() {
        engine.generateAll(workload.warmUp());
        List<Workload.Item> items = workload.items();
        long start = System.nanoTime();
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            CountDownLatch left = new CountDownLatch(workload.isClosedLoop() ? workload.users() : items.size());
            Thread clock = Thread.startVirtualThread(() -> endInTime(left));
            if (workload.isClosedLoop()) {
                runUsers(readers, items, left);
            } else {
                runArrivals(readers, items, start, left);
            }
            awaitUninterrupted(left);
            clock.interrupt();
        }
        return result.build((System.nanoTime() - start) / 1e9);
    }

    private void runUsers(ExecutorService readers, List<Workload.Item> items, CountDownLatch left) {
        Iterator<Workload.Item> next = items.iterator();
        for (int user = 0; user < workload.users(); user++) {
            readers.submit(() -> {
                try {
                    while (!over.get()) {
                        GenerationRequest request;
                        synchronized (next) {
                            if (!next.hasNext()) {
                                return;
                            }
                            request = next.next().request();
                        }
                        answer(request, System.nanoTime());
                    }
                } finally {
                    left.countDown();
                }
            });
        }
    }

    private void runArrivals(
            ExecutorService readers, List<Workload.Item> items, long start, CountDownLatch left) {
        for (Workload.Item item : items) {
            long due = start + item.arrivalNanos();
            while (!over.get() && System.nanoTime() < due) {
                LockSupport.parkNanos(this, Math.min(due - System.nanoTime(), 10_000_000));
            }
            if (over.get()) {
                left.countDown();
                continue;
            }
            readers.submit(() -> {
                try {
                    answer(item.request(), due);
                } finally {
                    left.countDown();
                }
            });
        }
    }

    /** Sends a request and reads its answer. */
    private void answer(GenerationRequest request, long dueNanos) {
        result.sent();
        try (Generation generation = engine.submit(request)) {
            open.add(generation);
            if (over.get()) {
                generation.cancel();
            }
            List<Long> moments = new ArrayList<>();
            for (GeneratedToken ignored : generation) {
                moments.add(System.nanoTime() - dueNanos);
            }
            record(generation.result(), moments, System.nanoTime() - dueNanos);
            open.remove(generation);
        } catch (PillionException e) {
            result.failed(e);
        }
    }

    private void record(GenerationResult answer, List<Long> moments, long totalNanos) {
        if (answer.finishReason() == FinishReason.CANCELLED || moments.isEmpty()) {
            result.cutOff();
        } else {
            result.answered(answer, moments, totalNanos);
        }
    }

    private void endInTime(CountDownLatch left) {
        try {
            if (!left.await((long) (workload.maxSeconds() * 1e9), TimeUnit.NANOSECONDS)) {
                over.set(true);
                open.forEach(Generation::cancel);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitUninterrupted(CountDownLatch left) {
        try {
            left.await();
        } catch (InterruptedException e) {
            over.set(true);
            open.forEach(Generation::cancel);
            Thread.currentThread().interrupt();
            throw new CliException(ExitCode.INTERRUPTED, "interrupted", e);
        }
    }
}
