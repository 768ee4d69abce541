package dev.pillion.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WorkerPoolTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 9})
    void runsEveryIndexOnceInManyRuns(int threads) {
        try (WorkerPool pool = new WorkerPool(threads)) {
            for (int run = 0; run < 3000; run++) {
                int count = run % 17;
                AtomicIntegerArray done = new AtomicIntegerArray(17);
                pool.run(count, (index, slot) -> {
                    assertThat(slot).isBetween(0, threads - 1);
                    done.incrementAndGet(index);
                });
                for (int i = 0; i < 17; i++) {
                    assertThat(done.get(i)).isEqualTo(i < count ? 1 : 0);
                }
            }
        }
    }

    @Test
    void threadsWorkAtTheSameTimeInTheirOwnSlots() {
        int threads = 4;
        try (WorkerPool pool = new WorkerPool(threads)) {
            CountDownLatch allHere = new CountDownLatch(threads);
            Set<Integer> slots = ConcurrentHashMap.newKeySet();
            pool.run(threads, (index, slot) -> {
                slots.add(slot);
                allHere.countDown();
                await(allHere);
            });
            assertThat(slots).containsExactlyInAnyOrder(0, 1, 2, 3);
        }
    }

    @Test
    void oneThreadRunsInTheCaller() {
        try (WorkerPool pool = new WorkerPool(1)) {
            Thread caller = Thread.currentThread();
            pool.run(5, (index, slot) -> assertThat(Thread.currentThread()).isSameAs(caller));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aFailedTaskFailsTheRunAndLeavesThePoolUsable(int threads) {
        try (WorkerPool pool = new WorkerPool(threads)) {
            for (int round = 0; round < 50; round++) {
                IllegalStateException cause = new IllegalStateException("broken");
                assertThatThrownBy(() -> pool.run(20, (index, slot) -> {
                            if (index == 7) {
                                throw cause;
                            }
                        }))
                        .isSameAs(cause);
                OutOfMemoryError error = new OutOfMemoryError("not really");
                assertThatThrownBy(() -> pool.run(20, (index, slot) -> {
                            throw error;
                        }))
                        .isSameAs(error);
                AtomicInteger sum = new AtomicInteger();
                pool.run(20, (index, slot) -> sum.addAndGet(index));
                assertThat(sum.get()).isEqualTo(190);
            }
        }
    }

    @Test
    void refusesARunFromWithinATask() {
        try (WorkerPool pool = new WorkerPool(2)) {
            assertThatThrownBy(() -> pool.run(1, (index, slot) -> pool.run(1, (i, s) -> { })))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("another run");
            pool.run(1, (index, slot) -> { });
        }
    }

    @Test
    void endsItsThreadsOnClose() {
        WorkerPool pool = new WorkerPool(3);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        CountDownLatch allHere = new CountDownLatch(3);
        pool.run(3, (index, slot) -> {
            threads.add(Thread.currentThread());
            allHere.countDown();
            await(allHere);
        });
        threads.remove(Thread.currentThread());
        assertThat(threads).hasSize(2).allMatch(Thread::isDaemon);
        pool.close();
        pool.close();
        assertThat(threads).noneMatch(Thread::isAlive);
        assertThatThrownBy(() -> pool.run(1, (index, slot) -> { })).hasMessageContaining("closed");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
