package dev.pillion.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
    @Test
    void aRefusalNamesTheAncestorAndItsNumbersAndChangesNothing() {
        MemoryBudget root = MemoryBudget.root("gpu0", 1000);
        MemoryBudget weights = root.child("weights", 0, 900);
        MemoryBudget kv = root.child("kv", 0, MemoryBudget.UNLIMITED);
        weights.reserve(700);

        BudgetExceededException refused = catchThrowableOfType(BudgetExceededException.class, () -> kv.reserve(400));

        assertThat(refused.refusedBy()).isEqualTo("gpu0");
        assertThat(refused.requestedBytes()).isEqualTo(400);
        assertThat(refused.usedBytes()).isEqualTo(700);
        assertThat(refused.limitBytes()).isEqualTo(1000);
        assertThat(refused).hasMessageContainingAll("gpu0/kv", "400", "700", "1000");
        assertThat(kv.usedBytes()).isZero();
        assertThat(kv.peakBytes()).isZero();
        assertThat(kv.tryReserve(301)).isFalse();
        assertThat(kv.tryReserve(300)).isTrue();
        assertThat(root.availableBytes()).isZero();
    }

    @Test
    void aReservationIsTheChildsWhateverTheOthersUse() {
        MemoryBudget root = MemoryBudget.root("host", 100);
        MemoryBudget staging = root.child("staging", 60, 80);
        MemoryBudget cache = root.child("cache", 0, 100);
        assertThat(root.usedBytes()).isEqualTo(60);
        assertThat(cache.availableBytes()).isEqualTo(40);
        cache.reserve(40);

        assertThat(staging.availableBytes()).isEqualTo(60);
        staging.reserve(60);
        assertThat(root.usedBytes()).isEqualTo(100);
        assertThat(staging.tryReserve(1)).isFalse();
        cache.release(10);
        assertThat(staging.tryReserve(10)).isTrue();
        assertThat(root.usedBytes()).isEqualTo(100);
        staging.release(70);
        assertThat(root.usedBytes()).isEqualTo(90);
        assertThat(root.peakBytes()).isEqualTo(100);
    }

    @Test
    void aChildsOwnLimitRefusesFirst() {
        MemoryBudget root = MemoryBudget.root("gpu0", 1000);
        MemoryBudget kv = root.child("kv", 100, 200);
        MemoryBudget host = kv.child("draft", 0, 1000);
        BudgetExceededException refused = catchThrowableOfType(BudgetExceededException.class, () -> host.reserve(201));
        assertThat(refused.refusedBy()).isEqualTo("gpu0/kv");
        assertThatThrownBy(() -> root.child("more", 901, 1000)).isInstanceOf(BudgetExceededException.class);
        assertThatThrownBy(() -> root.child("kv", 0, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void closingWithBytesOutstandingNamesThem() {
        MemoryBudget root = MemoryBudget.root("gpu0", 1000);
        MemoryBudget kv = root.child("kv", 100, 200);
        kv.reserve(7);
        assertThatThrownBy(kv::close).isInstanceOf(IllegalStateException.class).hasMessageContainingAll("gpu0/kv", "7");
        assertThatThrownBy(root::close).isInstanceOf(IllegalStateException.class).hasMessageContaining("kv");
        kv.release(7);
        assertThatThrownBy(() -> kv.release(1)).isInstanceOf(IllegalStateException.class);
        kv.close();
        kv.close();
        assertThatThrownBy(() -> kv.reserve(1)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThat(root.usedBytes()).isZero();
        root.close();
    }

    @Test
    void theReportIsTheTree() {
        MemoryBudget root = MemoryBudget.root("gpu0", 4L << 30);
        root.child("weights", 0, 1L << 30).reserve(512L << 20);
        root.child("kv", 1L << 30, MemoryBudget.UNLIMITED);
        BudgetReport report = root.report();
        assertThat(report.usedBytes()).isEqualTo(1536L << 20);
        assertThat(report.children()).extracting(BudgetReport::name).containsExactly("weights", "kv");
        assertThat(report.render()).contains("  weights", "512.00 MiB", "1.50 GiB", "unlimited");
    }

    @Test
    void randomTreesAgreeWithRecountingFromTheLeaves() {
        long seed = Long.getLong("pillion.test.seed", 4711);
        SplittableRandom random = new SplittableRandom(seed);
        MemoryBudget root = MemoryBudget.root("r", 10_000);
        List<MemoryBudget> budgets = new ArrayList<>(List.of(root));
        List<Integer> parents = new ArrayList<>(List.of(-1));
        for (int i = 1; i < 8; i++) {
            int parent = random.nextInt(i);
            budgets.add(budgets.get(parent).child("b" + i, random.nextInt(300), 300 + random.nextInt(5_000)));
            parents.add(parent);
        }
        long[] own = new long[budgets.size()];
        for (int step = 0; step < 20_000; step++) {
            int at = random.nextInt(own.length);
            if (random.nextBoolean()) {
                long bytes = random.nextInt(600);
                long available = budgets.get(at).availableBytes();
                boolean granted = budgets.get(at).tryReserve(bytes);
                assertThat(granted).as("seed %d step %d", seed, step).isEqualTo(bytes <= available);
                own[at] += granted ? bytes : 0;
            } else {
                long bytes = random.nextLong(own[at] + 1);
                budgets.get(at).release(bytes);
                own[at] -= bytes;
            }
            long[] used = own.clone();
            for (int i = own.length - 1; i > 0; i--) {
                used[parents.get(i)] += Math.max(budgets.get(i).reservationBytes(), used[i]);
            }
            for (int i = 0; i < used.length; i++) {
                MemoryBudget budget = budgets.get(i);
                assertThat(budget.usedBytes()).as("seed %d step %d", seed, step).isEqualTo(used[i]);
                assertThat(budget.usedBytes()).isLessThanOrEqualTo(budget.limitBytes());
            }
        }
    }

    @Test
    void manyThreadsNeverPassTheLimitAndLoseNoByte() throws InterruptedException {
        MemoryBudget root = MemoryBudget.root("host", 1000);
        List<MemoryBudget> children = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            children.add(root.child("c" + i, 50, 600));
        }
        List<Thread> threads = new ArrayList<>();
        for (MemoryBudget child : children) {
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 20_000; i++) {
                    if (child.tryReserve(1 + i % 400)) {
                        child.release(1 + i % 400);
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(root.peakBytes()).isLessThanOrEqualTo(1000);
        assertThat(root.usedBytes()).isEqualTo(200);
    }
}
