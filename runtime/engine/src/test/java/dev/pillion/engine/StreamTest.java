package dev.pillion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.GeneratedToken;
import dev.pillion.Generation;
import dev.pillion.GenerationRequest;
import dev.pillion.PillionException;
import dev.pillion.engine.FakeBackend.Moment;
import dev.pillion.sampling.SamplingParams;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a caller sees of a generation. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StreamTest {
    private final FakeEngine engine = FakeEngine.of(FakeEngine.options().build());
    private final EngineCore core = engine.core();

    @Test
    void tokensAreDeliveredOnceHoweverOftenOneIterates() {
        Generation generation = core.submit(Requests.of(5, 10));
        engine.runToIdle();
        List<Integer> ids = new ArrayList<>();
        Iterator<GeneratedToken> first = generation.iterator();
        ids.add(first.next().id());
        ids.add(first.next().id());
        generation.forEach(token -> ids.add(token.id()));
        assertThat(ids).isEqualTo(Requests.answer(5, 10));
        assertThat(first.hasNext()).isFalse();
        assertThatThrownBy(first::next).isInstanceOf(NoSuchElementException.class);
        assertThat(generation.iterator().hasNext()).isFalse();
        assertThat(generation.next()).isEmpty();
    }

    @Test
    void failureIsThrownEachTimeItIsAskedFor() {
        Generation generation = core.submit(Requests.of(60, FakeFunction.FRAGILE_START));
        engine.runToIdle();
        for (int i = 0; i < 3; i++) {
            assertThat(Requests.code(generation::result)).contains(PillionException.Code.REQUEST_FAILED);
        }
        Iterator<GeneratedToken> tokens = generation.iterator();
        assertThatThrownBy(() -> tokens.forEachRemaining(token -> {})).isInstanceOf(PillionException.class);
        assertThatThrownBy(tokens::hasNext).isInstanceOf(PillionException.class);
        assertThatThrownBy(generation::next).isInstanceOf(PillionException.class);
    }

    @Test
    void whatDependsOnTheFutureRunsOffTheEnginesThread() {
        for (int first : new int[] {10, FakeFunction.FRAGILE_START}) {
            Generation generation = core.submit(Requests.of(60, first));
            CompletableFuture<Thread> ran = new CompletableFuture<>();
            generation.future().whenComplete((result, failure) -> ran.complete(Thread.currentThread()));
            engine.runToIdle();
            assertThat(ran.join()).isNotEqualTo(Thread.currentThread());
            assertThat(ran.join().isVirtual()).isTrue();
        }
    }

    @Test
    void futureHasTheResultOrTheFailure() {
        Generation sound = core.submit(Requests.of(5, 10));
        Generation fragile = core.submit(Requests.of(60, FakeFunction.FRAGILE_START));
        assertThat(sound.future().cancel(true)).isTrue();
        engine.runToIdle();
        assertThat(sound.future().join()).isEqualTo(sound.result());
        assertThat(sound.result().tokens()).isEqualTo(Requests.answer(5, 10));
        assertThatThrownBy(() -> fragile.future().join())
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(PillionException.class);
    }

    @Test
    void nothingIsDeliveredAfterTheEnd() {
        Generation generation = core.submit(GenerationRequest.builder(new int[] {10})
                .sampling(SamplingParams.builder().seed(3).build())
                .stop(Requests.stop(9))
                .samples(2)
                .build());
        core.step();
        AtomicInteger downloads = new AtomicInteger();
        engine.backend().probe = moment -> {
            if (moment == Moment.DOWNLOAD && downloads.getAndIncrement() == 0) {
                throw new IllegalStateException("the logits of the first sample are lost");
            }
        };
        engine.runToIdle();
        assertThat(generation.next()).map(GeneratedToken::sample).contains(0);
        assertThat(generation.next()).map(GeneratedToken::sample).contains(1);
        assertThatThrownBy(generation::next).hasMessageContaining("the logits of the first sample are lost");
    }

    @Test
    void interruptedReaderReadsOnAndStaysInterrupted() {
        Gate gate = Gate.in(engine);
        core.start();
        Generation generation = core.submit(Requests.of(5, 10));
        gate.awaitReached();
        CompletableFuture<List<Integer>> read = new CompletableFuture<>();
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Thread reader = Thread.ofVirtual().start(() -> {
            read.complete(Requests.read(generation));
            interrupted.complete(Thread.currentThread().isInterrupted());
        });
        reader.interrupt();
        gate.open();
        assertThat(read.join()).isEqualTo(Requests.answer(5, 10));
        assertThat(interrupted.join()).isTrue();
        core.close();
    }

    @Test
    void interruptedCallerGetsItsResult() {
        core.start();
        Thread.currentThread().interrupt();
        List<Integer> tokens = core.submit(Requests.of(5, 10)).result().tokens();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(tokens).isEqualTo(Requests.answer(5, 10));
        core.close();
    }
}
