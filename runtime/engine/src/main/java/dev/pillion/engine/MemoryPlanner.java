package dev.pillion.engine;

import com.sun.management.OperatingSystemMXBean;
import dev.pillion.EngineOptions;
import dev.pillion.MemoryPlan;
import dev.pillion.PillionException;
import dev.pillion.model.Tensor;
import dev.pillion.model.architecture.ModelDescription;
import dev.pillion.model.TensorType;
import dev.pillion.spi.DeviceProfile;
import dev.pillion.spi.KvLayout;
import java.lang.management.ManagementFactory;
import java.util.Collection;

/** Works out, before anything large is allocated, what an engine will need. */
public final class MemoryPlanner {
    private MemoryPlanner() {}

    /** The device of a plan that is made without a backend: this machine's memory, a quarter of it for the KV cache. */
    public static DeviceProfile host() {
        return DeviceProfile.host(
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize() / 4);
    }

    /**
     * The plan for a model under some options on a device.
     *
     * @throws PillionException with code {@code OUT_OF_MEMORY} if not even one sequence of full context fits, and
     *     {@code BAD_REQUEST} if the device does not know the type asked for keys and values
     */
    public static MemoryPlan plan(
            ModelDescription description, Collection<Tensor> tensors, EngineOptions options, DeviceProfile device) {
        int context = contextTokens(description, options);
        TensorType kvType = kvType(options, device);
        KvLayout layout = ForwardPass.kvLayout(description, options.kvBlockTokens(), kvType);
        int logitRows = logitRows(options);
        long weights = tensors.stream().mapToLong(tensor -> tensor.data().byteSize()).sum();
        long workspace = ForwardPass.workspaceBytes(
                description, stepTokens(options, context), logitRows, device.activationBytes());
        int blocksPerSequence = Math.ceilDiv(context, options.kvBlockTokens());
        long kvMemory = kvMemory(options, device, weights + workspace);
        long affordable = kvMemory / layout.bytesPerBlock();
        boolean fill = options.kvBytes() > 0 || device.ownMemory();
        long wanted = fill ? affordable : (long) options.maxSequences() * blocksPerSequence;
        long blocks = Math.min(Math.min(wanted, affordable), 1 << 24);
        if (blocks < blocksPerSequence) {
            throw new PillionException(
                    PillionException.Code.OUT_OF_MEMORY,
                    "the KV cache may use " + kvMemory + " bytes, one sequence of " + context + " tokens needs "
                            + blocksPerSequence * layout.bytesPerBlock() + " (" + layout.bytesPerToken()
                            + " a token): allow more (kvBytes, --kv-bytes) or shorten the context (contextTokens, --context)");
        }
        return new MemoryPlan(
                weights,
                layout.bytesPerBlock(),
                (int) blocks,
                options.kvBlockTokens(),
                (int) Math.min(options.hostKvBytes() / layout.bytesPerBlock(), 1 << 24),
                workspace,
                context,
                kvType);
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

    private static TensorType kvType(EngineOptions options, DeviceProfile device) {
        TensorType asked = options.kvType().orElse(device.kvTypes().getFirst());
        if (!device.kvTypes().contains(asked)) {
            throw new PillionException(
                    PillionException.Code.BAD_REQUEST,
                    "the device keeps keys and values as " + device.kvTypes() + ", not as " + asked
                            + "; leave kvType out or choose one of these");
        }
        return asked;
    }

    /** On a device with memory of its own, what weights and activations leave of it. */
    private static long kvMemory(EngineOptions options, DeviceProfile device, long taken) {
        long free = device.ownMemory() ? Math.max(0, device.freeBytes() - taken) : device.freeBytes();
        if (options.kvBytes() == 0) {
            return free;
        }
        return device.ownMemory() ? Math.min(free, options.kvBytes()) : options.kvBytes();
    }
}
