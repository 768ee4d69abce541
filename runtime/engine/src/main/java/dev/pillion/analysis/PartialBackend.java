package dev.pillion.analysis;

import dev.pillion.model.Tensor;
import dev.pillion.scheduler.Operation;
import dev.pillion.spi.Activation;
import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.Backend;
import dev.pillion.spi.DeviceProfile;
import dev.pillion.spi.DeviceTelemetry;
import dev.pillion.spi.DeviceTensor;
import dev.pillion.spi.KvLayout;
import dev.pillion.spi.KvPool;
import dev.pillion.spi.OperationCounters;
import dev.pillion.spi.Rope;
import dev.pillion.spi.StepBatch;
import dev.pillion.spi.Weight;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Leaves out operations, so that a step of one kind of operation can be timed from outside: all layers' in their order,
 * over all their weights. Timing each call instead would need a backend that works while it is called; one that only
 * enqueues says nothing until the step is finished.
 */
final class PartialBackend implements Backend {
    private final Backend delegate;
    private final Set<Operation> running = EnumSet.allOf(Operation.class);

    PartialBackend(Backend delegate) {
        this.delegate = delegate;
    }

    /** Runs these operations only, from the next step on. */
    void runOnly(Set<Operation> operations) {
        running.clear();
        running.addAll(operations);
    }

    private boolean runs(Operation operation) {
        return running.contains(operation);
    }

    /** Matrices are told apart by the GGUF names of their tensors. */
    static Operation operationOf(Weight weight) {
        String name = weight.name();
        if (name.endsWith(".attn_q.weight") || name.endsWith(".attn_k.weight") || name.endsWith(".attn_v.weight")) {
            return Operation.QKV;
        }
        if (name.endsWith(".attn_output.weight")) {
            return Operation.ATTENTION_OUT;
        }
        if (name.endsWith(".ffn_gate.weight") || name.endsWith(".ffn_up.weight")) {
            return Operation.GATE_UP;
        }
        return name.endsWith(".ffn_down.weight") ? Operation.DOWN : Operation.LOGITS;
    }

    @Override
    public DeviceProfile profile() {
        return delegate.profile();
    }

    @Override
    public DeviceTelemetry telemetry() {
        return delegate.telemetry();
    }

    @Override
    public void followLoading(LongConsumer arrivedBytes) {
        delegate.followLoading(arrivedBytes);
    }

    @Override
    public void finishLoading() {
        delegate.finishLoading();
    }

    @Override
    public DeviceTensor allocateLogits(int rowCapacity, int columns) {
        return delegate.allocateLogits(rowCapacity, columns);
    }

    @Override
    public void prepare(StepBatch batch, KvPool cache, List<AttentionSpec> layers, Rope rope) {
        delegate.prepare(batch, cache, layers, rope);
    }

    @Override
    public void embed(Weight table, DeviceTensor out) {
        if (runs(Operation.EMBED)) {
            delegate.embed(table, out);
        }
    }

    @Override
    public void rmsNorm(DeviceTensor x, Weight gain, float epsilon, DeviceTensor out, int rows) {
        if (runs(Operation.NORM)) {
            delegate.rmsNorm(x, gain, epsilon, out, rows);
        }
    }

    @Override
    public void addRmsNorm(DeviceTensor residual, DeviceTensor delta, Weight gain, float epsilon, DeviceTensor out) {
        if (runs(Operation.NORM)) {
            delegate.addRmsNorm(residual, delta, gain, epsilon, out);
        }
    }

    @Override
    public void add(DeviceTensor residual, DeviceTensor delta) {
        if (runs(Operation.NORM)) {
            delegate.add(residual, delta);
        }
    }

    @Override
    public void headNorm(DeviceTensor x, int heads, Weight gain, float epsilon) {
        if (runs(Operation.NORM)) {
            delegate.headNorm(x, heads, gain, epsilon);
        }
    }

    @Override
    public void linear(DeviceTensor in, Weight w, @Nullable Weight bias, DeviceTensor out, int rows) {
        if (runs(operationOf(w))) {
            delegate.linear(in, w, bias, out, rows);
        }
    }

    @Override
    public void ropeAndWriteKv(DeviceTensor q, DeviceTensor k, DeviceTensor v, Rope rope, AttentionSpec attention) {
        if (runs(Operation.ROPE_KV_WRITE)) {
            delegate.ropeAndWriteKv(q, k, v, rope, attention);
        }
    }

    @Override
    public void attention(DeviceTensor q, AttentionSpec attention, DeviceTensor out) {
        if (runs(Operation.ATTENTION)) {
            delegate.attention(q, attention, out);
        }
    }

    @Override
    public void gatedActivation(Activation activation, DeviceTensor gate, DeviceTensor up, DeviceTensor out) {
        if (runs(Operation.ACTIVATION)) {
            delegate.gatedActivation(activation, gate, up, out);
        }
    }

    @Override
    public void gatherLogitRows(DeviceTensor in, DeviceTensor out) {
        if (runs(Operation.LOGITS)) {
            delegate.gatherLogitRows(in, out);
        }
    }

    @Override
    public String name() {
        return delegate.name();
    }

    @Override
    public String description() {
        return delegate.description();
    }

    @Override
    public Weight weight(Tensor tensor) {
        return delegate.weight(tensor);
    }

    @Override
    public DeviceTensor allocate(int rowCapacity, int columns) {
        return delegate.allocate(rowCapacity, columns);
    }

    @Override
    public KvPool allocateKvPool(KvLayout layout, int blocks, KvPool.Tier tier) {
        return delegate.allocateKvPool(layout, blocks, tier);
    }

    @Override
    public void begin(StepBatch batch, KvPool cache) {
        delegate.begin(batch, cache);
    }

    @Override
    public void copyBlock(KvPool from, int fromBlock, KvPool to, int toBlock) {
        delegate.copyBlock(from, fromBlock, to, toBlock);
    }

    @Override
    public void submit() {
        delegate.submit();
    }

    @Override
    public void await() {
        delegate.await();
    }

    @Override
    public boolean overlaps() {
        return delegate.overlaps();
    }

    @Override
    public void finish() {
        delegate.finish();
    }

    @Override
    public void abandon() {
        delegate.abandon();
    }

    @Override
    public void download(DeviceTensor source, int row, float[] target, int offset) {
        delegate.download(source, row, target, offset);
    }

    @Override
    public OperationCounters counters() {
        return delegate.counters();
    }

    @Override
    public void close() {
        delegate.close();
    }
}
