package dev.pillion.cuda;

import dev.pillion.kernels.SampleGeometry;
import dev.pillion.spi.Activation;
import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.Backend;
import dev.pillion.spi.DeviceSampling;
import dev.pillion.spi.DeviceTensor;
import dev.pillion.spi.OperationCounters;
import dev.pillion.spi.Rope;
import dev.pillion.spi.Weight;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The operations of the forward pass. Each checks its shapes, goes to the stream or is compared with the graph that will
 * run, and is counted.
 */
final class CudaOperations {
    private final CudaDevice device;
    private final CudaSteps steps;
    private final LinearKernels linear;
    private final RowKernels rows;
    private final OperationCounters counters;
    private @Nullable CudaSampling sampling;

    /**
     * Operations of steps.
     *
     * @param rows knows the tables that were loaded
     * @param linear knows the matrices that were loaded
     * @param counters what to add to
     */
    CudaOperations(
            CudaDevice device, CudaSteps steps, RowKernels rows, LinearKernels linear, OperationCounters counters) {
        this.device = device;
        this.steps = steps;
        this.linear = linear;
        this.rows = rows;
        this.counters = counters;
    }

    /** Compiles what steps will run, and puts the table of rotations on the device. */
    void prepare(Rope rope) {
        device.building("kernels and tables", () -> {
            rows.reserve(rope);
            return true;
        });
    }

    /** See {@link Backend#embed}. */
    void embed(Weight table, DeviceTensor out) {
        CudaStep now = steps.current();
        CudaWeight weight = (CudaWeight) table;
        CudaTensor target = (CudaTensor) out;
        target.require("embed out", now.tokens(), weight.columns());
        if (steps.enqueue(OperationLog.Kind.EMBED, weight.main(), target.address(), 0)) {
            rows.embed(weight, metadata().tokens(), target, now.padded(now.tokens()));
        }
        count(0, now.tokens() * weight.bytes() / weight.rows());
    }

    /** See {@link Backend#rmsNorm}. */
    void rmsNorm(DeviceTensor x, Weight gain, float epsilon, DeviceTensor out, int rowCount) {
        CudaTensor source = (CudaTensor) x;
        CudaTensor target = (CudaTensor) out;
        CudaWeight vector = gain(gain, source.columns());
        source.require("norm x", rowCount, source.columns());
        target.require("norm out", rowCount, source.columns());
        if (steps.enqueue(OperationLog.Kind.NORM, source.address(), vector.main(), target.address())) {
            rows.rmsNorm(source, vector, epsilon, target, steps.current().padded(rowCount));
        }
        count(0, gain.bytes());
    }

    /** See {@link Backend#addRmsNorm}. */
    void addRmsNorm(DeviceTensor residual, DeviceTensor delta, Weight gain, float epsilon, DeviceTensor out) {
        CudaStep now = steps.current();
        CudaTensor sum = (CudaTensor) residual;
        CudaTensor change = (CudaTensor) delta;
        CudaTensor target = (CudaTensor) out;
        CudaWeight vector = gain(gain, sum.columns());
        change.require("addRmsNorm delta", now.tokens(), sum.columns());
        target.require("addRmsNorm out", now.tokens(), sum.columns());
        if (steps.enqueue(OperationLog.Kind.ADD_NORM, sum.address(), vector.main(), target.address())) {
            rows.addRmsNorm(sum, change, vector, epsilon, target, now.padded(now.tokens()));
        }
        count(0, gain.bytes());
    }

    /** See {@link Backend#add}. */
    void add(DeviceTensor residual, DeviceTensor delta) {
        CudaStep now = steps.current();
        CudaTensor sum = (CudaTensor) residual;
        CudaTensor change = (CudaTensor) delta;
        change.require("add delta", now.tokens(), sum.columns());
        if (steps.enqueue(OperationLog.Kind.ADD, sum.address(), change.address(), 0)) {
            rows.add(sum, change, now.padded(now.tokens()));
        }
        count(0, 0);
    }

    /** See {@link Backend#linear}. */
    void linear(DeviceTensor in, Weight w, @Nullable Weight bias, DeviceTensor out, int rowCount) {
        CudaTensor source = (CudaTensor) in;
        CudaTensor target = (CudaTensor) out;
        CudaWeight weight = (CudaWeight) w;
        CudaWeight offsets = bias == null ? null : gain(bias, weight.rows());
        source.require("linear in", rowCount, weight.columns());
        target.require("linear out", rowCount, weight.rows());
        if (steps.enqueue(OperationLog.Kind.LINEAR, source.address(), weight.main(), target.address())) {
            CudaStep now = steps.current();
            linear.run(source, weight, offsets, target, now.padded(rowCount), now.bucket() > 0);
        }
        count(2L * weight.rows() * weight.columns() * rowCount, weight.bytes() + (bias == null ? 0 : bias.bytes()));
    }

    /** See {@link Backend#headNorm}. */
    void headNorm(DeviceTensor x, int heads, Weight gain, float epsilon) {
        CudaStep now = steps.current();
        CudaTensor tensor = (CudaTensor) x;
        CudaWeight vector = gain(gain, tensor.columns() / heads);
        if (steps.enqueue(OperationLog.Kind.HEAD_NORM, tensor.address(), vector.main(), heads)) {
            rows.headNorm(tensor, heads, vector, epsilon, now.padded(now.tokens()));
        }
        count(0, gain.bytes());
    }

    /** See {@link Backend#ropeAndWriteKv}. */
    void ropeAndWriteKv(DeviceTensor q, DeviceTensor k, DeviceTensor v, Rope rope, AttentionSpec spec) {
        CudaStep now = steps.current();
        CudaTensor queries = (CudaTensor) q;
        CudaTensor keys = (CudaTensor) k;
        CudaTensor values = (CudaTensor) v;
        queries.require("rope q", now.tokens(), spec.heads() * spec.headDim());
        keys.require("rope k", now.tokens(), spec.kvHeads() * spec.headDim());
        values.require("rope v", now.tokens(), spec.kvHeads() * spec.headDim());
        if (steps.enqueue(OperationLog.Kind.ROPE, queries.address(), keys.address(), spec.layer())) {
            rows.ropeAndWriteKv(queries, keys, values, rope, spec, now, metadata());
        }
        count(0, 0);
        counters.kvWriteBytes += now.tokens() * layerBytesPerToken(spec);
    }

    /** See {@link Backend#attention}. */
    void attention(DeviceTensor q, AttentionSpec spec, DeviceTensor out) {
        CudaStep now = steps.current();
        CudaTensor queries = (CudaTensor) q;
        CudaTensor target = (CudaTensor) out;
        queries.require("attention q", now.tokens(), spec.heads() * spec.headDim());
        target.require("attention out", now.tokens(), queries.columns());
        long plan = steps.prepared().flavour() + spec.layer();
        if (steps.enqueue(OperationLog.Kind.ATTENTION, queries.address(), target.address(), plan)) {
            clearPadding(target, now);
            steps.prepared().attention(queries, spec, target);
        }
        count(4L * spec.heads() * spec.headDim() * now.batch().visibleTokens(spec), 0);
        counters.kvReadBytes += now.batch().tokensRead(spec) * layerBytesPerToken(spec);
    }

    /**
     * No attention is computed for the rows that fill up a size, but the operations behind it read them. The first step of a
     * size writes all its rows; later ones with fewer tokens find what it left there.
     */
    private void clearPadding(CudaTensor target, CudaStep now) {
        int padding = now.padded(now.tokens()) - now.tokens();
        if (padding > 0 && steps.isDirect()) {
            device.context().fill(target.row(now.tokens()), (byte) 0, padding * target.rowBytes(), device.stream());
        }
    }

    private long layerBytesPerToken(AttentionSpec spec) {
        return 2L * spec.kvHeads() * spec.headDim() * device.compute().bytes();
    }

    /** See {@link Backend#gatedActivation}. */
    void gatedActivation(Activation activation, DeviceTensor gate, DeviceTensor up, DeviceTensor out) {
        CudaStep now = steps.current();
        CudaTensor x = (CudaTensor) gate;
        CudaTensor factor = (CudaTensor) up;
        CudaTensor target = (CudaTensor) out;
        factor.require("gatedActivation up", now.tokens(), x.columns());
        target.require("gatedActivation out", now.tokens(), x.columns());
        if (steps.enqueue(OperationLog.Kind.GATE, x.address(), factor.address(), target.address())) {
            rows.gate(activation, x, factor, target, now.padded(now.tokens()));
        }
        count(0, 0);
    }

    /** See {@link Backend#gatherLogitRows}. */
    void gatherLogitRows(DeviceTensor in, DeviceTensor out) {
        CudaStep now = steps.current();
        CudaTensor source = (CudaTensor) in;
        CudaTensor target = (CudaTensor) out;
        int logits = now.batch().logitCount();
        target.require("gatherLogitRows out", logits, source.columns());
        if (steps.enqueue(OperationLog.Kind.GATHER, source.address(), target.address(), 0)) {
            rows.gather(source, metadata().logitRows(), target, now.padded(logits));
        }
        count(0, 0);
    }

    /** See {@link Backend#sampling}. */
    Optional<DeviceSampling> sampling(int rowCapacity, int vocabularySize, int adjustmentCapacity) {
        if (vocabularySize > SampleGeometry.MAX_VOCABULARY) {
            return Optional.empty();
        }
        CudaSampling created = device.building(
                "room for sampling",
                () -> new CudaSampling(
                        device.context(),
                        device.kernels(),
                        device.memory(),
                        device.stream(),
                        rowCapacity,
                        vocabularySize,
                        adjustmentCapacity,
                        this::sample));
        sampling = created;
        steps.sampleWith(created);
        return Optional.of(created);
    }

    private void sample(DeviceTensor logits) {
        CudaStep now = steps.current();
        CudaTensor tensor = (CudaTensor) logits;
        int rowCount = now.padded(now.batch().logitCount());
        if (sampling == null) {
            throw new IllegalStateException("nobody asked for sampling");
        }
        if (steps.enqueue(OperationLog.Kind.SAMPLE, tensor.address(), 0, 0)) {
            sampling.enqueue(tensor, rowCount);
        }
        sampling.sampled(rowCount);
    }

    private StepMetadata metadata() {
        return steps.prepared().metadata();
    }

    private static CudaWeight gain(Weight weight, int length) {
        CudaWeight vector = (CudaWeight) weight;
        if (!vector.vector() || vector.columns() != length) {
            throw new IllegalArgumentException(
                    vector.name() + " has " + vector.columns() + " elements, " + length + " are needed");
        }
        return vector;
    }

    private void count(long flops, long weightBytes) {
        counters.operations++;
        counters.flops += flops;
        counters.weightBytes += weightBytes;
    }
}
