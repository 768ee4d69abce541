package dev.pillion.cuda;

import dev.pillion.kernels.AttentionBatch;
import dev.pillion.kernels.AttentionGeometry;
import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.BackendUnavailableException;
import dev.pillion.spi.StepBatch;
import java.util.ArrayList;
import java.util.List;

/** What steps over one batch object and pool share: their numbers on the device and the plans of their attention. */
final class PreparedSteps {
    private final CudaStep step;
    private final StepMetadata metadata;
    private final AttentionBatch attentionBatch;
    private final List<StepAttention> attentions;
    private final long stream;

    private PreparedSteps(
            CudaStep step,
            StepMetadata metadata,
            AttentionBatch attentionBatch,
            List<StepAttention> attentions,
            long stream) {
        this.step = step;
        this.metadata = metadata;
        this.attentionBatch = attentionBatch;
        this.attentions = attentions;
        this.stream = stream;
    }

    /**
     * Makes room for steps.
     *
     * @param batch its capacities are those of the largest step
     * @param layers the attention of every layer; those that see as many positions share a plan
     */
    static PreparedSteps of(
            GpuContext context,
            KernelCache kernels,
            DeviceMemory memory,
            ComputeType compute,
            StepBatch batch,
            CudaKvPool pool,
            List<AttentionSpec> layers,
            boolean graphs,
            long stream) {
        check(batch, layers.getFirst());
        List<StepAttention> attentions = new ArrayList<>();
        long place = 0;
        for (AttentionSpec layer : layers) {
            if (attentions.stream().noneMatch(known -> known.windowTokens() == layer.windowTokens())) {
                StepAttention added =
                        new StepAttention(context, kernels, memory, compute, layer, batch, place, stream);
                attentions.add(added);
                place = added.endPlace();
            }
        }
        AttentionBatch attentionBatch = new AttentionBatch(
                batch.positions,
                batch.segmentStart,
                batch.blockStart,
                batch.groupStart,
                batch.groupSharedBlocks,
                batch.blockTokens());
        DecodeBuckets buckets = new DecodeBuckets(batch.segmentStart.length - 1);
        return new PreparedSteps(
                new CudaStep(batch, pool, buckets, graphs),
                new StepMetadata(context, memory, batch, place),
                attentionBatch,
                attentions,
                stream);
    }

    private static void check(StepBatch batch, AttentionSpec spec) {
        if (spec.headDim() > AttentionGeometry.MOST_HEAD_DIM) {
            throw new BackendUnavailableException("the model's heads have " + spec.headDim()
                    + " elements, the CUDA kernels take up to " + AttentionGeometry.MOST_HEAD_DIM
                    + "; choose the backend cpu");
        }
        if (batch.blockTokens() < AttentionGeometry.LEAST_BLOCK_TOKENS) {
            throw new BackendUnavailableException("KV blocks have " + batch.blockTokens()
                    + " tokens, the CUDA kernels want " + AttentionGeometry.LEAST_BLOCK_TOKENS
                    + " or more; change kvBlockTokens");
        }
    }

    CudaStep step() {
        return step;
    }

    StepMetadata metadata() {
        return metadata;
    }

    /** Plans the step and starts the copy of its numbers. */
    void begin() {
        step.read();
        StepBatch batch = step.batch();
        for (StepAttention attention : attentions) {
            attention.plan(attentionBatch, batch.groupCount(), step.tokens(), step.bucket() > 0, metadata);
        }
        metadata.upload(batch, step.padded(step.tokens()), step.padded(batch.logitCount()), stream);
    }

    /** Tells steps apart whose attention asks for different launches. */
    long flavour() {
        long flavour = 0;
        for (StepAttention attention : attentions) {
            flavour = flavour * 0x9E3779B97F4A7C15L + attention.flavour();
        }
        return flavour;
    }

    /** Puts a layer's attention on the stream. */
    void attention(CudaTensor q, AttentionSpec spec, CudaTensor out) {
        for (StepAttention attention : attentions) {
            if (attention.windowTokens() == spec.windowTokens()) {
                attention.enqueue(q, spec, out, step.pool(), metadata, step.padded(step.tokens()));
                return;
            }
        }
        throw new IllegalStateException("no attention of " + spec.windowTokens() + " positions was prepared");
    }
}
