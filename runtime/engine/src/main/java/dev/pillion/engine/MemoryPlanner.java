package dev.pillion.engine;

import com.sun.management.OperatingSystemMXBean;
import dev.pillion.EngineOptions;
import dev.pillion.MemoryPlan;
import dev.pillion.PillionException;
import dev.pillion.model.Tensor;
import dev.pillion.model.architecture.ModelDescription;
import dev.pillion.spi.KvLayout;
import java.lang.management.ManagementFactory;
import java.util.Collection;

/** Works out, before anything large is allocated, what an engine will need. */
public final class MemoryPlanner {
    private MemoryPlanner() {}

    /**
     * The plan for a model under some options.
     *
     * @throws PillionException with code {@code OUT_OF_MEMORY} if not even one sequence of full context fits
     */
    public static MemoryPlan plan(ModelDescription description, Collection<Tensor> tensors, EngineOptions options) {
        int context = contextTokens(description, options);
        KvLayout layout = ForwardPass.kvLayout(description, options.kvBlockTokens(), options.kvType());
        int blocksPerSequence = Math.ceilDiv(context, options.kvBlockTokens());
        long wanted = (long) options.maxSequences() * blocksPerSequence;
        long affordable = kvMemory(options) / layout.bytesPerBlock();
        long blocks = Math.min(Math.min(options.kvBytes() > 0 ? affordable : wanted, affordable), 1 << 24);
        if (blocks < blocksPerSequence) {
            throw new PillionException(
                    PillionException.Code.OUT_OF_MEMORY,
                    "the KV cache may use " + kvMemory(options) + " bytes, one sequence of " + context + " tokens needs "
                            + blocksPerSequence * layout.bytesPerBlock() + " (" + layout.bytesPerToken()
                            + " a token): allow more (kvBytes, --kv-bytes) or shorten the context (contextTokens, --context)");
        }
        int logitRows = logitRows(options);
        return new MemoryPlan(
                tensors.stream().mapToLong(tensor -> tensor.data().byteSize()).sum(),
                layout.bytesPerBlock(),
                (int) blocks,
                options.kvBlockTokens(),
                (int) Math.min(options.hostKvBytes() / layout.bytesPerBlock(), 1 << 24),
                ForwardPass.workspaceBytes(description, stepTokens(options, context), logitRows),
                context);
    }

    /** Longest sequence an engine takes. */
    static int contextTokens(ModelDescription description, EngineOptions options) {
        int asked = options.contextTokens();
        return asked == 0 ? description.contextLength() : Math.min(asked, description.contextLength());
    }

    /** Token budget of a step: at least one token for each running sequence. */
    static int budgetTokens(EngineOptions options) {
        return Math.max(options.chunkTokens(), options.maxSequences());
    }

    /**
     * Most tokens of a step. Planners that do not cut prompts go beyond the budget where a prompt is longer.
     *
     * @param context longest sequence
     */
    static int stepTokens(EngineOptions options, int context) {
        int budget = budgetTokens(options);
        return options.scheduling().equals(SchedulerSetup.CHUNKING_PLANNER)
                ? budget
                : Math.max(budget, context) + options.maxSequences();
    }

    /** Most rows of logits of a step: one per running sequence. */
    static int logitRows(EngineOptions options) {
        return options.maxSequences();
    }

    private static long kvMemory(EngineOptions options) {
        if (options.kvBytes() > 0) {
            return options.kvBytes();
        }
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize() / 4;
    }
}
