package dev.pillion.engine;

import dev.pillion.EngineOptions;
import dev.pillion.MemoryPlan;
import dev.pillion.model.Model;
import dev.pillion.scheduler.Scheduler;
import java.util.function.LongSupplier;

/**
 * An engine over a {@link FakeBackend}, with its parts at hand.
 *
 * @param core the engine, not started
 * @param backend its device
 * @param model its model
 */
record FakeEngine(EngineCore core, FakeBackend backend, TinyModel model) {
    /** An engine on the machine's clock. */
    static FakeEngine of(EngineOptions options) {
        return of(options, System::nanoTime);
    }

    static FakeEngine of(EngineOptions options, LongSupplier clock) {
        return of(options, clock, SchedulerSetup.scheduler(options, plan(options)));
    }

    static FakeEngine of(EngineOptions options, LongSupplier clock, Scheduler scheduler) {
        return of(options, clock, scheduler, new FakeBackend());
    }

    /** An engine over a device that overlaps steps. */
    static FakeEngine overlapping(EngineOptions options, LongSupplier clock) {
        return of(options, clock, SchedulerSetup.scheduler(options, plan(options)), new FakeBackend(true));
    }

    private static FakeEngine of(
            EngineOptions options, LongSupplier clock, Scheduler scheduler, FakeBackend backend) {
        TinyModel file = new TinyModel();
        EngineCore core = new EngineCore(
                file.open(), options, plan(options), new BackendSelection(backend, "backend fake"), scheduler, clock);
        return new FakeEngine(core, backend, file);
    }

    /** Small steps, four sequences at once, a pool for all of them. */
    static EngineOptions.Builder options() {
        return EngineOptions.builder().maxSequences(4).chunkTokens(16).kvBlockTokens(4).contextTokens(64);
    }

    static MemoryPlan plan(EngineOptions options) {
        Model model = new TinyModel().open();
        return MemoryPlanner.plan(model.description(), model.tensors().values(), options, MemoryPlanner.host());
    }

    /** Runs steps until there is nothing to do. */
    void runToIdle() {
        for (int i = 0; core.step(); i++) {
            if (i > 100_000) {
                throw new AssertionError("no end after " + i + " steps: " + core.health());
            }
        }
    }
}
