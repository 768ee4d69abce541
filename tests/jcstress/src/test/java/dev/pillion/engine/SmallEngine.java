package dev.pillion.engine;

import dev.pillion.EngineOptions;
import dev.pillion.FinishReason;
import dev.pillion.Generation;
import dev.pillion.GenerationRequest;
import dev.pillion.MemoryPlan;
import dev.pillion.PillionException;
import dev.pillion.memory.KvCache;
import dev.pillion.memory.PrefixHasher;
import dev.pillion.model.Model;
import dev.pillion.model.SyntheticModel;
import dev.pillion.model.TensorType;
import dev.pillion.model.architecture.ModelDescription;
import dev.pillion.model.architecture.RopeDescription;
import dev.pillion.model.architecture.RopeScaling;
import dev.pillion.scheduler.FirstComeFirstServed;
import dev.pillion.scheduler.FixedBudget;
import dev.pillion.scheduler.SarathiPlanner;
import dev.pillion.scheduler.Scheduler;
import dev.pillion.scheduler.SchedulerConfig;
import java.util.List;
import java.util.Optional;

/** An engine small enough to be made anew for each of a million races. */
final class SmallEngine {
    private static final ModelDescription DESCRIPTION = new ModelDescription(
            "llama", "small", 1, 2, 1, 1, 2, 2, 4, 8, 1e-5f,
            new RopeDescription(true, 2, 10_000, new RopeScaling.None()), false, List.of(ModelDescription.NO_WINDOW));
    /** Shared: the engine's inside does not close it. */
    private static final Model MODEL = SyntheticModel.create(DESCRIPTION, TensorType.F32, 1);

    private static final EngineOptions OPTIONS = EngineOptions.builder()
            .maxSequences(2).chunkTokens(4).kvBlockTokens(4).queueCapacity(1).prefixCache(false).build();
    private static final MemoryPlan PLAN = MemoryPlanner.plan(DESCRIPTION, MODEL.tensors().values(), OPTIONS, MemoryPlanner.host());
    private static final PrefixHasher HASHER = new PrefixHasher(1, 2);
    private static final GenerationRequest ONE_TOKEN = GenerationRequest.builder(new int[] {1}).maxTokens(1).build();

    final ConstantBackend backend;
    final EngineCore core;

    private SmallEngine(boolean broken) {
        backend = new ConstantBackend(broken);
        KvCache cache = new KvCache(PLAN.kvBlockTokens(), PLAN.kvBlocks(), 0, false, HASHER);
        Scheduler scheduler = new Scheduler(
                SchedulerConfig.forPool(OPTIONS.maxSequences(), PLAN.kvBlocks()).withMaxWaiting(16),
                cache,
                new SarathiPlanner(),
                new FirstComeFirstServed(),
                new FixedBudget(OPTIONS.chunkTokens()));
        core = new EngineCore(
                MODEL, OPTIONS, PLAN, new BackendSelection(backend, "constant"), scheduler, System::nanoTime);
    }

    static SmallEngine working() {
        return new SmallEngine(false);
    }

    /** One whose first step ends it. */
    static SmallEngine broken() {
        return new SmallEngine(true);
    }

    /** Submits a request for one token, unless the engine refuses. */
    Optional<Generation> submit() {
        try {
            return Optional.of(core.submit(ONE_TOKEN));
        } catch (PillionException e) {
            return Optional.empty();
        }
    }

    /** 0 while it has not ended, 1 with its token, 2 if it was cancelled, 3 if it failed, 9 if it contradicts itself. */
    static int outcome(Generation generation) {
        if (!generation.isDone()) {
            return 0;
        }
        int read = 0;
        try {
            while (generation.next().isPresent()) {
                read++;
            }
            FinishReason reason = generation.result().finishReason();
            boolean cancelled = reason == FinishReason.CANCELLED;
            boolean consistent = generation.result().tokens().size() == read && (cancelled || read == 1);
            return consistent ? cancelled ? 2 : 1 : 9;
        } catch (PillionException e) {
            return e.code() == PillionException.Code.ENGINE_FAILED ? 3 : 9;
        }
    }
}
