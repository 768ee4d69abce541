package dev.pillion.conformance.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.Engine;
import dev.pillion.EngineHealth;
import dev.pillion.EngineOptions;
import dev.pillion.FinishReason;
import dev.pillion.GeneratedToken;
import dev.pillion.Generation;
import dev.pillion.GenerationRequest;
import dev.pillion.PillionException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The engine's lifecycle with a real model on the CPU: callers come, cancel and are closed upon. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CpuLifecycleTest {
    private static final Path DEMO = Path.of(System.getProperty("pillion.test.root", "."))
            .resolve("runtime/cli/src/main/resources/dev/pillion/cli/demo.gguf");
    private static final EngineOptions OPTIONS = EngineOptions.builder()
            .backend("cpu")
            .contextTokens(96)
            .maxSequences(16)
            .chunkTokens(64)
            .queueCapacity(10_000)
            .build();

    private static GenerationRequest request(int caller, int maxTokens) {
        return GenerationRequest.builder("One day, caller " + caller % 7).maxTokens(maxTokens).build();
    }

    @Test
    void callersAmongOthersWhoCancelGetWhatTheyGetAlone() throws InterruptedException, ExecutionException {
        try (Engine engine = Engine.open(DEMO, OPTIONS);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<List<Integer>> alone = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                alone.add(engine.generate(request(i, 6)).tokens());
            }
            List<Future<List<Integer>>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                int caller = i;
                answers.add(threads.submit(() -> caller % 3 == 0
                        ? cancelAfterOne(engine.submit(request(caller, 40)))
                        : engine.generate(request(caller, 6)).tokens()));
            }
            for (int i = 0; i < answers.size(); i++) {
                List<Integer> expected = i % 3 == 0 ? alone.get(i % 7).subList(0, 1) : alone.get(i % 7);
                assertThat(answers.get(i).get()).as("caller " + i).isEqualTo(expected);
            }
            EngineHealth health = engine.health();
            assertThat(health.waiting()).isZero();
            assertThat(health.failure()).isEmpty();
        }
    }

    /** The first token, after the end of a generation that was cancelled on it. */
    private static List<Integer> cancelAfterOne(Generation generation) {
        Iterator<GeneratedToken> tokens = generation.iterator();
        int first = tokens.next().id();
        generation.cancel();
        tokens.forEachRemaining(late -> {});
        assertThat(generation.result().completions().getFirst().tokens()).startsWith(first);
        return List.of(first);
    }

    @Test
    void closeFromTwoThreadsEndsEveryCallerAndEveryThread() throws InterruptedException, ExecutionException {
        Engine engine = Engine.open(DEMO, OPTIONS);
        CountDownLatch running = new CountDownLatch(20);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> callers = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                int caller = i;
                callers.add(threads.submit(() -> callUntilClosed(engine, caller, running)));
            }
            running.await();
            List<Future<?>> closers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                closers.add(threads.submit(engine::close));
            }
            for (Future<?> closer : closers) {
                closer.get();
            }
            for (Future<Integer> caller : callers) {
                assertThat(caller.get()).isPositive();
            }
        }
        assertThat(engine.health().state()).isEqualTo(EngineHealth.State.CLOSED);
        assertThat(Thread.getAllStackTraces().keySet()).noneMatch(thread -> thread.getName().startsWith("pillion-"));
    }

    /** Calls until the engine says that it is closed; number of calls. */
    private static int callUntilClosed(Engine engine, int caller, CountDownLatch running) {
        int calls = 0;
        while (true) {
            calls++;
            try {
                FinishReason reason = engine.generate(request(caller, 5)).finishReason();
                assertThat(reason).isIn(FinishReason.LENGTH, FinishReason.STOP, FinishReason.CANCELLED);
                running.countDown();
            } catch (PillionException e) {
                assertThat(e.code()).isEqualTo(PillionException.Code.CLOSED);
                return calls;
            }
        }
    }
}
