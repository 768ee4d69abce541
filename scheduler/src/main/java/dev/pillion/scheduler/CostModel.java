package dev.pillion.scheduler;

import java.util.ArrayList;
import java.util.List;

/**
 * The one cost model: FLOPs, weight bytes, KV bytes and launches of a step, per operation, from the model's shape and
 * the batch's. Exact in what it counts, and it counts what a backend's counters count:
 * <ul>
 * <li><b>Linear layers</b> (QKV, attention out, gate and up, down): {@code 2 * rows * cols} FLOPs per token for the
 *     matrix, none for a bias. The weight bytes that {@link ModelShape} has for them, matrices and the vectors that go
 *     with them, are read once per step, however many tokens the step has, and not at all in a step without tokens.
 * <li><b>Logits</b>: the same with the rows that want logits in place of tokens; a step without such rows reads
 *     nothing.
 * <li><b>Embedding</b>: no FLOPs; one stored row of weight bytes per token.
 * <li><b>Attention</b>: {@code 4 * heads * headDim} FLOPs per layer for each pair of a token and one it attends to; a
 *     token attends to its context and itself: position {@code p} to {@code p + 1} tokens, in a layer with a window to
 *     at most the window. Keys and values are read once per segment: those of all tokens up to the segment's end, in a
 *     layer with a window those within reach of the segment's first token and after. A run that several segments share
 *     and the backend reads once is subtracted by {@link BatchShape#shareRun}. Splitting a segment's context among
 *     workers changes nothing; reading it once per query head instead of once is the backend's fault, not the count's.
 * <li><b>KV write</b>: {@code kvBytesPerToken} per token. Block copies are no part of the step's cost.
 * <li><b>Norms, rotary embedding, activation, softmax</b>: no FLOPs, and no weight bytes of their own: the gains of a norm
 *     stand with the matrices behind it. They are never the roof; their activation bytes are estimated and stand in
 *     {@link OperationCost#activationBytes}, as do those of the linear layers.
 * <li><b>Launches</b>: calls of a backend's operations. In each layer one per matrix (query, key and value are three,
 *     gate and up two), two norms, two more where heads are normed, and one each of rotary embedding, attention and
 *     activation. Once a step: the embedding and the last addition, which counts with the norms; in a step with logits
 *     the last norm, the gathering of the rows and the output matrix.
 * </ul>
 *
 * <p>Times are rooflines: each operation takes the longer of its arithmetic and its memory traffic, one after the
 * other.
 */
public final class CostModel {
    private final ModelShape model;

    /** A cost model for models of this shape. */
    public CostModel(ModelShape model) {
        this.model = model;
    }

    /** The model's shape. */
    public ModelShape model() {
        return model;
    }

    /** An empty batch to add segments to. */
    public BatchShape newBatch() {
        return new BatchShape(model);
    }

    /** What a step of this batch costs. */
    public StepCost estimate(BatchShape batch) {
        List<OperationCost> rows = new ArrayList<>(Operation.values().length);
        for (Operation operation : Operation.values()) {
            rows.add(estimate(operation, batch));
        }
        return new StepCost(rows);
    }

    private OperationCost estimate(Operation operation, BatchShape batch) {
        long queries = (long) model.heads() * model.headDim();
        long keys = (long) model.kvHeads() * model.headDim();
        int gates = model.gated() ? 2 : 1;
        long tokens = batch.tokens();
        return switch (operation) {
            case EMBED -> new OperationCost(
                    operation, 0, tokens * model.embeddingRowBytes(), 0, 0,
                    activations(tokens * model.hidden()), once(tokens));
            case NORM -> elementwise(
                    operation, 2 * (2L * model.layers() * tokens + batch.logitsRows()) * model.hidden(),
                    (model.headNorms() ? 4 : 2) * perLayer(tokens) + once(tokens) + once(batch.logitsRows()));
            case QKV -> linear(
                    operation, 3, model.hidden(), queries + 2 * keys, tokens, model.qkvWeightBytes());
            case ROPE_KV_WRITE -> new OperationCost(
                    operation, 0, 0, 0, tokens * model.kvBytesPerToken(),
                    activations(model.layers() * tokens * (2 * queries + 3 * keys)), perLayer(tokens));
            case ATTENTION -> attention(batch, queries);
            case ATTENTION_OUT -> linear(
                    operation, 1, queries, model.hidden(), tokens, model.outWeightBytes());
            case GATE_UP -> linear(
                    operation, gates, model.hidden(), (long) gates * model.ffn(), tokens, model.gateUpWeightBytes());
            case ACTIVATION -> elementwise(
                    operation, (gates + 1L) * model.layers() * tokens * model.ffn(), perLayer(tokens));
            case DOWN -> linear(
                    operation, 1, model.ffn(), model.hidden(), tokens, model.downWeightBytes());
            case LOGITS -> logits(batch.logitsRows());
        };
    }

    /** Some matrices per layer, {@code rows} of them all. */
    private OperationCost linear(
            Operation operation, int matrices, long columns, long rows, long tokens, long weightBytes) {
        return new OperationCost(
                operation,
                2 * model.layers() * rows * columns * tokens,
                tokens > 0 ? weightBytes : 0,
                0,
                0,
                activations(model.layers() * tokens * (rows + columns)),
                matrices * perLayer(tokens));
    }

    private OperationCost attention(BatchShape batch, long queries) {
        return new OperationCost(
                Operation.ATTENTION,
                4 * queries * overLayers(batch.attendedTokens(), batch.attendedInWindow()),
                0,
                kvReadBytes(batch),
                0,
                activations(2 * model.layers() * batch.tokens() * queries),
                perLayer(batch.tokens()));
    }

    /** Bytes of keys and values a step of this batch reads. */
    public long kvReadBytes(BatchShape batch) {
        return model.kvBytesPerToken() / model.layers() * overLayers(batch.kvReadTokens(), batch.kvReadInWindow());
    }

    /** Sum over all layers of what is {@code full} in a layer without window and {@code windowed} in one with. */
    public long overLayers(long full, long windowed) {
        return (model.layers() - model.windowedLayers()) * full + model.windowedLayers() * windowed;
    }

    private OperationCost logits(long rows) {
        return new OperationCost(
                Operation.LOGITS,
                2L * model.vocab() * model.hidden() * rows,
                rows > 0 ? model.logitsWeightBytes() : 0,
                0,
                0,
                activations(rows * (model.vocab() + model.hidden())),
                2 * once(rows));
    }

    private OperationCost elementwise(Operation operation, long elements, int launches) {
        return new OperationCost(operation, 0, 0, 0, 0, activations(elements), launches);
    }

    private long activations(long elements) {
        return elements * model.activationBytes();
    }

    private int perLayer(long tokens) {
        return tokens > 0 ? model.layers() : 0;
    }

    private static int once(long tokens) {
        return tokens > 0 ? 1 : 0;
    }

    /**
     * Coefficients for a {@link StepTimeModel} to start from: weights and launches per step, arithmetic per token and
     * per attended token, KV bytes per token a decode attends to.
     */
    public double[] stepTimeCoefficientsNanos(DeviceCeilings device) {
        long launches = estimate(newBatch().add(0, 1, true)).launches();
        double perStep = model.weightBytesPerStep() / device.bytesPerSecond() + launches * device.launchSeconds();
        double perToken = 2.0 * model.linearWeights() / device.flopsPerSecond();
        double attended = 4.0 * model.layers() * model.heads() * model.headDim() / device.flopsPerSecond();
        double kv = model.kvBytesPerToken() / device.bytesPerSecond();
        return new double[] {perStep * 1e9, perToken * 1e9, attended * 1e9, Math.max(kv, attended) * 1e9};
    }
}
