package dev.pillion;

import dev.pillion.engine.MemoryPlanner;
import dev.pillion.model.Model;
import dev.pillion.model.TensorType;
import dev.pillion.spi.DeviceProfile;
import java.util.Locale;

/**
 * What an engine needs, known before anything large is allocated. All sizes in bytes.
 *
 * @param weightBytes the model's tensors as stored; mapped, not copied, on the CPU
 * @param kvBlockBytes one KV block, all layers
 * @param kvBlocks blocks of the KV pool
 * @param kvBlockTokens tokens of a block
 * @param hostKvBlocks blocks of the host tier
 * @param workspaceBytes activations of the largest step
 * @param contextTokens longest sequence
 * @param kvType element type of keys and values
 */
public record MemoryPlan(
        long weightBytes,
        long kvBlockBytes,
        int kvBlocks,
        int kvBlockTokens,
        int hostKvBlocks,
        long workspaceBytes,
        int contextTokens,
        TensorType kvType) {

    /**
     * Works out what an engine would need in this machine's memory, without building it.
     *
     * @throws PillionException with code {@code OUT_OF_MEMORY} if not even one sequence of full context fits
     */
    public static MemoryPlan of(Model model, EngineOptions options) {
        return of(model, options, MemoryPlanner.host());
    }

    /**
     * Works out what an engine would need on a device, without building it.
     *
     * @throws PillionException with code {@code OUT_OF_MEMORY} if not even one sequence of full context fits
     */
    public static MemoryPlan of(Model model, EngineOptions options, DeviceProfile device) {
        return MemoryPlanner.plan(model.description(), model.tensors().values(), options, device);
    }

    /** Bytes of the KV pool. */
    public long kvBytes() {
        return kvBlockBytes * kvBlocks;
    }

    /** Bytes of one token's keys and values, all layers. */
    public long kvBytesPerToken() {
        return kvBlockBytes / kvBlockTokens;
    }

    /** Tokens that fit the KV pool. */
    public long kvTokens() {
        return (long) kvBlocks * kvBlockTokens;
    }

    /** Sequences of full context that fit the KV pool. */
    public long fullSequences() {
        return kvTokens() / contextTokens;
    }

    /** Everything together. */
    public long totalBytes() {
        return weightBytes + kvBytes() + hostKvBlocks * kvBlockBytes + workspaceBytes;
    }

    /** One line for people. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "weights %s, KV cache %s (%d blocks of %d tokens, %d tokens), workspace %s, total %s",
                mebibytes(weightBytes),
                mebibytes(kvBytes()),
                kvBlocks,
                kvBlockTokens,
                kvTokens(),
                mebibytes(workspaceBytes),
                mebibytes(totalBytes()));
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
    }
}
