package dev.pillion.simulator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EventQueueTest {
    @Test
    void eventsHappenByTimeAndThoseOfOneTimeAsTheyWereEntered() {
        SplittableRandom random = new SplittableRandom(5);
        EventQueue queue = new EventQueue();
        List<long[]> happened = new ArrayList<>();
        long now = 0;
        long entered = 0;
        while (entered < 20_000 || !queue.isEmpty()) {
            if (entered < 20_000 && (queue.isEmpty() || random.nextInt(5) < 3)) {
                long number = entered++;
                queue.at(now + random.nextInt(30), time -> happened.add(new long[] {time, number}));
            } else {
                now = queue.nextNanos();
                queue.take().happen(now);
            }
        }
        assertThat(happened).hasSize(20_000);
        for (int i = 1; i < happened.size(); i++) {
            long[] before = happened.get(i - 1);
            long[] after = happened.get(i);
            boolean inOrder = before[0] < after[0] || before[0] == after[0] && before[1] < after[1];
            assertThat(inOrder).as("event " + i).isTrue();
        }
    }
}
