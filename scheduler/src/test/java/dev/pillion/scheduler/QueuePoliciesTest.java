package dev.pillion.scheduler;

import static dev.pillion.scheduler.Bench.sequence;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class QueuePoliciesTest {
    /** Ids in the order in which a scheduler that runs one at a time takes them. */
    private static List<Long> served(QueuePolicy policy, Sequence.Builder... builders) {
        SchedulerConfig one = SchedulerConfig.forPool(1, 200);
        Bench bench = new Bench(200, one, new SarathiPlanner(), policy, new FixedBudget(512));
        for (Sequence.Builder builder : builders) {
            bench.submit(builder.maxTokens(1));
        }
        List<Long> order = new ArrayList<>();
        while (bench.scheduler.hasWork()) {
            BatchPlan plan = bench.plan();
            order.add(plan.sequence(0).id());
            bench.commit(plan);
        }
        return order;
    }

    @Test
    void byArrival() {
        assertThat(served(new FirstComeFirstServed(),
                sequence(1, 5).arrivalNanos(30), sequence(2, 5).arrivalNanos(10), sequence(3, 5).arrivalNanos(20)))
                .containsExactly(2L, 3L, 1L);
    }

    @Test
    void byPriorityThenArrival() {
        assertThat(served(new HighestPriority(),
                sequence(1, 5), sequence(2, 5).priority(3), sequence(3, 5).priority(-1), sequence(4, 5).priority(3)))
                .containsExactly(2L, 4L, 1L, 3L);
    }

    @Test
    void byUrgencyWhichIsDeadlineLessWork() {
        assertThat(served(new LeastSlack(10, 0),
                sequence(1, 5),
                sequence(2, 5).deadlineNanos(1000),
                sequence(3, 80).deadlineNanos(1500),
                sequence(4, 5).deadlineNanos(900)))
                .containsExactly(3L, 4L, 2L, 1L);
    }

    @Test
    void byLengthWithAging() {
        assertThat(served(new ShortestFirst(10), sequence(1, 50), sequence(2, 10), sequence(3, 30)))
                .containsExactly(2L, 3L, 1L);
        assertThat(served(new ShortestFirst(10), sequence(1, 50), sequence(2, 10).arrivalNanos(402)))
                .as("a short one that comes late enough waits").containsExactly(1L, 2L);
    }

    @Test
    void byCachedPrefix() {
        int[] stem = Bench.prompt(77, 40);
        int[] longer = Bench.prompt(5, 48);
        System.arraycopy(stem, 0, longer, 0, 40);
        int[] shorter = Bench.prompt(6, 48);
        System.arraycopy(stem, 0, shorter, 0, 8);
        assertThat(served(new LongestPrefixMatch(8),
                Sequence.builder(1, stem), sequence(2, 9).arrivalNanos(1),
                Sequence.builder(3, shorter).arrivalNanos(2), Sequence.builder(4, longer).arrivalNanos(3)))
                .containsExactly(1L, 4L, 3L, 2L);
        assertThat(served(new LongestPrefixMatch(2),
                Sequence.builder(1, stem), sequence(2, 9).arrivalNanos(1),
                Sequence.builder(3, shorter).arrivalNanos(2), Sequence.builder(4, longer).arrivalNanos(3)))
                .as("only the oldest two are compared").containsExactly(1L, 3L, 4L, 2L);
    }

    @Test
    void extremeNumbersKeepTheirOrder() {
        LeastSlack slack = new LeastSlack(Long.MAX_VALUE / 1_000, 0);
        Sequence overdue = sequence(1, 250).deadlineNanos(Long.MIN_VALUE + 1).build();
        assertThat(slack.key(overdue)).isNegative();
        ShortestFirst shortest = new ShortestFirst(Long.MAX_VALUE / 400);
        assertThat(shortest.key(sequence(1, 250).arrivalNanos(Long.MAX_VALUE / 2).build())).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void theHeapAgreesWithSortingUnderRandomUse() {
        long seed = Long.getLong("pillion.test.seed", 12);
        SplittableRandom random = new SplittableRandom(seed);
        WaitingQueue queue = new WaitingQueue(new HighestPriority(), 4);
        List<Sequence> model = new ArrayList<>();
        Bench bench = new Bench(10, 1, 1);
        for (int step = 0; step < 30_000; step++) {
            int action = random.nextInt(5);
            if (action < 2) {
                Sequence added = sequence(step, 3).arrivalNanos(random.nextInt(50)).priority(random.nextInt(4)).build();
                queue.offer(added);
                model.add(added);
                model.sort((a, b) -> WaitingQueue.before(a, b) ? -1 : 1);
            } else if (action == 2 && !model.isEmpty()) {
                queue.remove(model.remove(random.nextInt(model.size())));
            } else if (action > 2) {
                queue.beginScan(bench.cache);
                int looked = random.nextInt(4);
                int at = 0;
                for (int i = 0; i < looked; i++) {
                    Sequence next = queue.next();
                    assertThat(next).as("seed %d step %d", seed, step)
                            .isSameAs(at < model.size() ? model.get(at) : null);
                    if (next == null) {
                        break;
                    }
                    if (random.nextBoolean()) {
                        queue.take();
                        model.remove(at);
                    } else {
                        at++;
                    }
                }
                queue.endScan();
            }
            assertThat(queue.size()).isEqualTo(model.size());
            assertThat(queue.tokens()).isEqualTo(3L * model.size());
        }
    }
}
