package dev.pillion.engine;

import dev.pillion.LoadListener;
import dev.pillion.engine.TransformerWeights.Layer;
import dev.pillion.engine.TransformerWeights.Linear;
import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import dev.pillion.model.architecture.ModelDescription;
import dev.pillion.model.architecture.RopeDescription;
import dev.pillion.spi.Activation;
import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.Backend;
import dev.pillion.spi.DeviceSampling;
import dev.pillion.spi.DeviceTensor;
import dev.pillion.spi.KvPool;
import dev.pillion.spi.KvLayout;
import dev.pillion.spi.Rope;
import dev.pillion.spi.StepBatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The one forward pass: a pre-norm transformer decoder as a {@link ModelDescription} says, over a ragged batch of token
 * segments. Each block is
 *
 * <pre>
 *   x = norm(residual)
 *   q, k, v = x Wq, x Wk, x Wv        (+ bias)
 *   q, k = headNorm(q), headNorm(k)   (Qwen3)
 *   q, k = rope(q), rope(k); k, v to the KV cache
 *   residual += attention(q) Wo
 *   x = norm(residual)
 *   residual += (silu(x Wgate) * (x Wup)) Wdown
 * </pre>
 *
 * and logits are taken only for the tokens that want them. Activations are allocated once, for the largest step.
 */
final class ForwardPass {
    private final ModelDescription description;
    private final Backend backend;
    private final boolean asynchronous;
    private final StepPhases unread = StepPhases.unread();
    private final WeightLoading loading;
    private final TransformerWeights weights;
    private final Rope rope;
    private final List<AttentionSpec> attention = new ArrayList<>();

    private final DeviceTensor residual;
    private final DeviceTensor normed;
    private final DeviceTensor query;
    private final DeviceTensor key;
    private final DeviceTensor value;
    private final DeviceTensor attended;
    private final DeviceTensor delta;
    private final DeviceTensor gate;
    private final DeviceTensor up;
    private final DeviceTensor last;
    private final DeviceTensor logits;
    private Optional<DeviceSampling> sampling = Optional.empty();
    /** Steps submitted and not yet waited for, on a backend that overlaps them. */
    private int submitted;

    /**
     * Hands the weights to the backend and allocates the activations.
     *
     * @param file the model's file, named in exceptions
     * @param description what to follow
     * @param tensors the model's tensors by GGUF name
     * @param backend the device
     * @param listener hears how the weights get there
     * @param tokenCapacity most tokens of a step
     * @param logitCapacity most rows of logits of a step
     */
    ForwardPass(
            Path file,
            ModelDescription description,
            Map<String, Tensor> tensors,
            Backend backend,
            LoadListener listener,
            int tokenCapacity,
            int logitCapacity) {
        this.description = description;
        this.backend = backend;
        this.asynchronous = backend.overlaps();
        this.loading = new WeightLoading(backend, tensors, listener);
        this.weights = new TransformerWeights(file, description, tensors, backend, loading);
        this.rope = rope(description.rope());
        float scale = (float) (1 / Math.sqrt(description.headDim()));
        for (int i = 0; i < description.layers(); i++) {
            attention.add(new AttentionSpec(
                    i,
                    description.heads(),
                    description.kvHeads(),
                    description.headDim(),
                    scale,
                    description.windowTokens().get(i)));
        }
        int hidden = description.hiddenSize();
        residual = backend.allocate(tokenCapacity, hidden);
        normed = backend.allocate(tokenCapacity, hidden);
        query = backend.allocate(tokenCapacity, description.queryWidth());
        key = backend.allocate(tokenCapacity, description.kvWidth());
        value = backend.allocate(tokenCapacity, description.kvWidth());
        attended = backend.allocate(tokenCapacity, description.queryWidth());
        delta = backend.allocate(tokenCapacity, hidden);
        gate = backend.allocate(tokenCapacity, description.feedForwardSize());
        up = backend.allocate(tokenCapacity, description.feedForwardSize());
        last = backend.allocate(logitCapacity, hidden);
        logits = backend.allocateLogits(logitCapacity, description.vocabularySize());
        backend.finishLoading();
        loading.finished();
    }

    /** How the weights got to the device. */
    WeightLoading loading() {
        return loading;
    }

    /**
     * Bytes of the activations of a step.
     *
     * @param tokenCapacity most tokens of a step
     * @param logitCapacity most rows of logits of a step
     * @param activationBytes bytes of an activation; logits have four
     */
    static long workspaceBytes(
            ModelDescription description, int tokenCapacity, int logitCapacity, int activationBytes) {
        long perToken = 3L * description.hiddenSize()
                + 2L * description.queryWidth()
                + 2L * description.kvWidth()
                + 2L * description.feedForwardSize();
        long activations = perToken * tokenCapacity + (long) description.hiddenSize() * logitCapacity;
        return activationBytes * activations + (long) Float.BYTES * description.vocabularySize() * logitCapacity;
    }

    /** The KV cache this model needs. */
    static KvLayout kvLayout(ModelDescription description, int blockTokens, TensorType type) {
        return new KvLayout(
                description.layers(), description.kvHeads(), description.headDim(), blockTokens, type);
    }

    /** Lets the backend make room for steps over this batch object and pool. */
    void prepare(StepBatch batch, KvPool cache) {
        backend.prepare(batch, cache, attention, rope);
    }

    /** Runs one step; afterwards {@link #readLogits} gives the rows the batch asked for. */
    void run(StepBatch batch, KvPool cache) {
        submit(batch, cache, unread);
        await(unread);
    }

    /**
     * Starts one step, which may end with this call or with {@link #await}; if that fails it is given up.
     *
     * @param phases hears when its phases end
     */
    void submit(StepBatch batch, KvPool cache, StepPhases phases) {
        boolean done = false;
        backend.begin(batch, cache);
        try {
            phases.filled();
            int tokens = batch.tokenCount();
            backend.embed(weights.embedding, residual);
            for (int i = 0; i < weights.layers.size(); i++) {
                Layer layer = weights.layers.get(i);
                if (i == 0) {
                    backend.rmsNorm(residual, layer.attentionNorm(), description.normEpsilon(), normed, tokens);
                } else {
                    backend.addRmsNorm(residual, delta, layer.attentionNorm(), description.normEpsilon(), normed);
                }
                attend(layer, attention.get(i), tokens);
                backend.addRmsNorm(residual, delta, layer.feedForwardNorm(), description.normEpsilon(), normed);
                feedForward(layer, tokens);
            }
            backend.add(residual, delta);
            if (batch.logitCount() > 0) {
                project(batch.logitCount());
            }
            backend.submit();
            if (asynchronous) {
                phases.enqueued();
            } else {
                phases.waited();
            }
            done = true;
            submitted += backend.overlaps() ? 1 : 0;
        } finally {
            if (!done) {
                backend.abandon();
            }
        }
    }

    /** Waits for the older of the steps started; if it fails it is given up, and so is one started after it. */
    void await(StepPhases phases) {
        if (submitted == 0) {
            return;
        }
        boolean done = false;
        try {
            backend.await();
            phases.waited();
            submitted--;
            done = true;
        } finally {
            if (!done) {
                giveUp();
            }
        }
    }

    /** Gives up what runs, the newest step first. */
    void giveUp() {
        while (submitted > 0) {
            submitted--;
            backend.abandon();
        }
    }

    /** Copies the logits of the batch's {@code row}-th wanted token to {@code target}. */
    void readLogits(int row, float[] target, int offset) {
        backend.download(logits, row, target, offset);
    }

    /** Lets the device sample the logits of each step, if it can. */
    Optional<DeviceSampling> sampleOnDevice(int adjustmentCapacity) {
        sampling = backend.sampling(logits.rowCapacity(), logits.columns(), adjustmentCapacity);
        return sampling;
    }

    private void attend(Layer layer, AttentionSpec spec, int tokens) {
        linear(normed, layer.query(), query, tokens);
        linear(normed, layer.key(), key, tokens);
        linear(normed, layer.value(), value, tokens);
        if (layer.queryNorm() != null && layer.keyNorm() != null) {
            backend.headNorm(query, spec.heads(), layer.queryNorm(), description.normEpsilon());
            backend.headNorm(key, spec.kvHeads(), layer.keyNorm(), description.normEpsilon());
        }
        backend.ropeAndWriteKv(query, key, value, rope, spec);
        backend.attention(query, spec, attended);
        linear(attended, layer.attentionOutput(), delta, tokens);
    }

    private void feedForward(Layer layer, int tokens) {
        linear(normed, layer.gate(), gate, tokens);
        linear(normed, layer.up(), up, tokens);
        backend.gatedActivation(Activation.SILU, gate, up, gate);
        linear(gate, layer.down(), delta, tokens);
    }

    private void project(int rows) {
        backend.gatherLogitRows(residual, last);
        backend.rmsNorm(last, weights.outputNorm, description.normEpsilon(), last, rows);
        linear(last, weights.output, logits, rows);
        sampling.ifPresent(device -> device.sample(logits));
    }

    private void linear(DeviceTensor in, Linear layer, DeviceTensor out, int rows) {
        backend.linear(in, layer.weight(), layer.bias(), out, rows);
    }

    private static Rope rope(RopeDescription description) {
        return new Rope(
                description.adjacentPairs() ? Rope.Pairing.ADJACENT : Rope.Pairing.HALVES,
                description.inverseFrequencies(),
                description.magnitude());
    }
}
