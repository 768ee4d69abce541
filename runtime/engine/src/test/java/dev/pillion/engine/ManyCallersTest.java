package dev.pillion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.EngineHealth;
import dev.pillion.Generation;
import dev.pillion.scheduler.SchedulerInvariants;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many callers at once, each with a stream of its own. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ManyCallersTest {
    @Test
    void twoThousandVirtualThreadsEachReadTheirOwnTokens() throws InterruptedException, ExecutionException {
        int callers = 2_000;
        FakeEngine engine = FakeEngine.of(
                FakeEngine.options().maxSequences(32).chunkTokens(128).queueCapacity(callers).build());
        engine.core().start();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Integer>>> streams = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                int[] prompt = prompt(i);
                streams.add(threads.submit(() -> Requests.read(engine.core().submit(Requests.of(6, prompt)))));
            }
            for (int i = 0; i < callers; i++) {
                assertThat(streams.get(i).get()).as("caller " + i).isEqualTo(Requests.answer(6, prompt(i)));
            }
        }
        engine.core().close();
        assertThat(engine.core().health().waiting()).isZero();
        SchedulerInvariants.checkIdle(engine.core().scheduler());
    }

    private static int[] prompt(int caller) {
        return new int[] {10 + caller % 3, 11, 12, 13, caller % 64, caller / 64 % 64};
    }

    @Test
    void callerThatNeverReadsStallsNobody() {
        FakeEngine engine = FakeEngine.of(FakeEngine.options().build());
        engine.core().start();
        Generation unread = engine.core().submit(Requests.of(40, 20, 21));
        for (int i = 0; i < 50; i++) {
            assertThat(Requests.read(engine.core().submit(Requests.of(5, 30, i)))).isEqualTo(Requests.answer(5, 30, i));
        }
        assertThat(unread.result().tokens()).isEqualTo(Requests.answer(40, 20, 21));
        assertThat(Requests.read(unread)).isEqualTo(Requests.answer(40, 20, 21));
        engine.core().close();
    }

    @Test
    void idleOnceAllHaveEnded() {
        FakeEngine engine = FakeEngine.of(FakeEngine.options().build());
        for (int i = 0; i < 10; i++) {
            engine.core().submit(Requests.of(3, i));
        }
        assertThat(engine.core().health().state()).isEqualTo(EngineHealth.State.RUNNING);
        engine.runToIdle();
        assertThat(engine.core().health().state()).isEqualTo(EngineHealth.State.IDLE);
        assertThat(engine.core().openRequests()).isZero();
        engine.core().close();
    }
}
