package dev.pillion.spi;

import dev.pillion.model.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One device that runs the operations of the forward pass. Shapes below use {@code T} for the tokens of the step and
 * {@code L} for the rows whose logits are wanted.
 *
 * <p>Calls come from one thread. A step is {@link #begin}, operations in order, {@link #finish}; operations outside a
 * step are errors. Memory is allocated while the engine is built and never during a step.
 *
 * <p>On a backend that {@linkplain #overlaps overlaps} steps, {@link #submit} and {@link #await} may take the place of
 * {@code finish}, and between the two the next step may begin: at most two are under way. The device runs them, and block
 * copies between them, in the order of the calls.
 */
public interface Backend extends AutoCloseable {
    /** Short name as {@code --backend} takes it, such as {@code cpu}. */
    String name();

    /** One line for people: kernels chosen, vector width or device, threads. */
    String description();

    /** Element types and memory; asked before anything is allocated. */
    DeviceProfile profile();

    /**
     * Takes a weight. The CPU keeps the mapped bytes; a GPU starts copying them and wants {@link #finishLoading} called
     * before the first step.
     *
     * @throws UnsupportedWeightException if no kernel reads this type
     */
    Weight weight(Tensor tensor);

    /**
     * Asks to be told how weights come to the device: with the bytes, as stored in the model's files, that have arrived since
     * the last call. Before the first {@link #weight}; told within {@link #weight} and {@link #finishLoading}. A backend that
     * reads weights where they are mapped has nothing to tell.
     */
    default void followLoading(LongConsumer arrivedBytes) {}

    /** Waits until the weights taken so far are on the device. */
    default void finishLoading() {}

    /** Allocates activations for at most {@code rowCapacity} tokens. */
    DeviceTensor allocate(int rowCapacity, int columns);

    /** Allocates logits for at most {@code rowCapacity} tokens, in F32 whatever the type of the activations. */
    default DeviceTensor allocateLogits(int rowCapacity, int columns) {
        return allocate(rowCapacity, columns);
    }

    /** Allocates a pool of KV blocks. */
    KvPool allocateKvPool(KvLayout layout, int blocks, KvPool.Tier tier);

    /**
     * Allocates what steps over this batch object and pool will need beside activations. Called once while the engine is
     * built, with the batch empty: its capacities are those of the largest step.
     *
     * @param layers the attention of every layer
     * @param rope the rotation of every layer
     */
    default void prepare(StepBatch batch, KvPool cache, List<AttentionSpec> layers, Rope rope) {}

    /**
     * Starts a step over {@code batch} with keys and values in {@code cache}. The batch stays unchanged until
     * {@link #submit} or {@link #finish} has returned. Where it takes tokens from the step before, that one was submitted,
     * sampled on the device, and no other step ran in between.
     */
    void begin(StepBatch batch, KvPool cache);

    /** {@code out[T, width] = table[tokens]}. */
    void embed(Weight table, DeviceTensor out);

    /** {@code out = x / sqrt(mean(x^2) + epsilon) * gain}, row by row, over {@code rows} rows. */
    void rmsNorm(DeviceTensor x, Weight gain, float epsilon, DeviceTensor out, int rows);

    /** {@code residual += delta}, then {@code out = rmsNorm(residual)}, over the step's {@code T} rows. */
    void addRmsNorm(DeviceTensor residual, DeviceTensor delta, Weight gain, float epsilon, DeviceTensor out);

    /** {@code residual += delta} over the step's {@code T} rows. */
    void add(DeviceTensor residual, DeviceTensor delta);

    /** {@code out[rows, w.rows] = in[rows, w.columns] x w^T + bias}. */
    void linear(DeviceTensor in, Weight w, @Nullable Weight bias, DeviceTensor out, int rows);

    /** RMS norm of each head of {@code x[T, heads * headDim]} in place, with one gain of {@code headDim} for all. */
    void headNorm(DeviceTensor x, int heads, Weight gain, float epsilon);

    /**
     * Turns queries and keys by their positions, in place, and writes keys and values to their places in the KV cache.
     * {@code q[T, heads * headDim]}, {@code k} and {@code v[T, kvHeads * headDim]}.
     */
    void ropeAndWriteKv(DeviceTensor q, DeviceTensor k, DeviceTensor v, Rope rope, AttentionSpec attention);

    /** Causal attention of {@code q[T, heads * headDim]} over each sequence's cached keys and values; {@code out} like q. */
    void attention(DeviceTensor q, AttentionSpec attention, DeviceTensor out);

    /** {@code out = activation(gate) * up} over the step's {@code T} rows; {@code out} may be {@code gate}. */
    void gatedActivation(Activation activation, DeviceTensor gate, DeviceTensor up, DeviceTensor out);

    /** {@code out[L, columns] = in[logitRows]}. */
    void gatherLogitRows(DeviceTensor in, DeviceTensor out);

    /**
     * Sampling on the device, if it has it; without, logits are downloaded and sampled on the host.
     *
     * @param rowCapacity most rows of logits of a step
     * @param vocabularySize logits of a row
     * @param adjustmentCapacity most tokens named by {@link SamplingRows#adjust}, all rows together
     */
    default Optional<DeviceSampling> sampling(int rowCapacity, int vocabularySize, int adjustmentCapacity) {
        return Optional.empty();
    }

    /** Copies block {@code fromBlock} of one pool to {@code toBlock} of another or the same; not within a step's operations. */
    void copyBlock(KvPool from, int fromBlock, KvPool to, int toBlock);

    /** Ends the operations of the step and waits until it is done; no other is under way. */
    void finish();

    /** Whether a step may begin while the one before it runs. */
    default boolean overlaps() {
        return false;
    }

    /** Ends the operations of the step begun last. Where steps overlap this does not wait; elsewhere it is {@link #finish}. */
    default void submit() {
        finish();
    }

    /** Waits for the older of the steps that were submitted and not yet waited for; it is over if this returns. */
    default void await() {}

    /**
     * Gives up the newest step that was begun and is not over, be it that it failed in an operation or while it was waited
     * for. Afterwards nothing of it runs, and the next may begin.
     */
    void abandon();

    /**
     * Copies row {@code row} of {@code source} to {@code target} from {@code offset} on; after {@link #finish}, while no
     * other step is under way.
     */
    void download(DeviceTensor source, int row, float[] target, int offset);

    /** Work done so far. */
    OperationCounters counters();

    /** What the device says of itself. Any thread, also after the backend was closed. */
    default DeviceTelemetry telemetry() {
        return DeviceTelemetry.NONE;
    }

    /** Frees everything this backend made. Idempotent. */
    @Override
    void close();
}
