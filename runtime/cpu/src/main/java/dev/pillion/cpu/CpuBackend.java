package dev.pillion.cpu;

import com.sun.management.OperatingSystemMXBean;
import dev.pillion.model.Tensor;
import dev.pillion.model.quant.BlockDecoder;
import dev.pillion.model.quant.Dequantizer;
import dev.pillion.spi.Activation;
import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.Backend;
import dev.pillion.spi.DeviceProfile;
import dev.pillion.spi.DeviceTensor;
import dev.pillion.spi.KvPool;
import dev.pillion.spi.KvLayout;
import dev.pillion.spi.OperationCounters;
import dev.pillion.spi.Rope;
import dev.pillion.spi.StepBatch;
import dev.pillion.spi.UnsupportedWeightException;
import dev.pillion.spi.Weight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/**
 * The operations of the forward pass on the CPU. Every call checks its shapes, counts its work, and returns when it is
 * done: nothing is enqueued. The arithmetic is in {@link Kernels}, the division into tasks in the operations.
 */
final class CpuBackend implements Backend {
    static final String NAME = "cpu";
    /** The KV cache may take one part in so many of the machine's memory. */
    private static final int KV_SHARE = 4;

    private static final long MACHINE_MEMORY_BYTES =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();

    private final Kernels kernels;
    private final WorkerPool pool;
    private final Arena arena = Arena.ofShared();
    private final OperationCounters counters = new OperationCounters();
    private final EmbedOperation embed;
    private final NormOperation norm;
    private final AddOperation add;
    private final GateOperation gate;
    private final LinearOperation linear;
    private final RopeOperation rope = new RopeOperation();
    private final AttentionOperation attention;
    private @Nullable CpuStep step;
    private boolean inStep;
    private boolean closed;

    CpuBackend(Kernels kernels, int threads) {
        this.kernels = kernels;
        this.pool = new WorkerPool(threads);
        this.embed = new EmbedOperation(kernels);
        this.norm = new NormOperation(kernels);
        this.add = new AddOperation(kernels);
        this.gate = new GateOperation(kernels, threads);
        this.linear = new LinearOperation(kernels, threads);
        this.attention = new AttentionOperation(kernels, threads);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return "CPU, " + kernels.description() + " kernels, " + pool.threads() + " threads";
    }

    @Override
    public DeviceProfile profile() {
        return DeviceProfile.host(MACHINE_MEMORY_BYTES / KV_SHARE);
    }

    @Override
    public Weight weight(Tensor tensor) {
        BlockDecoder decoder = Dequantizer.find(tensor.type())
                .orElseThrow(() -> new UnsupportedWeightException(NAME, tensor, Dequantizer.types().toString()));
        MemorySegment data = tensor.data();
        if (!data.isNative()) {
            // One kind of segment keeps the access in kernels monomorphic. Model files are mapped and never come here.
            data = arena.allocate(Math.max(1, data.byteSize())).copyFrom(data).asSlice(0, tensor.data().byteSize());
        } else if (!pool.canRead(data)) {
            throw new IllegalArgumentException("tensor " + tensor.name() + " lies in memory confined to one thread, "
                    + "which the backend's threads cannot read; map the model in a shared arena");
        }
        CpuWeight weight = new CpuWeight(tensor, data, decoder);
        linear.reserve(weight.columns());
        return weight;
    }

    @Override
    public DeviceTensor allocate(int rowCapacity, int columns) {
        return new CpuTensor(rowCapacity, columns);
    }

    @Override
    public KvPool allocateKvPool(KvLayout layout, int blocks, KvPool.Tier tier) {
        return new CpuKvPool(arena, layout, blocks, tier, kernels.keyLanes());
    }

    @Override
    public void begin(StepBatch batch, KvPool cache) {
        if (inStep || closed) {
            throw new IllegalStateException(closed ? "the backend is closed" : "the previous step is not finished");
        }
        CpuKvPool cpuCache = (CpuKvPool) cache;
        if (step == null || !step.isFor(batch, cpuCache)) {
            step = new CpuStep(batch, cpuCache);
        }
        step.read();
        inStep = true;
    }

    @Override
    public void embed(Weight table, DeviceTensor out) {
        StepBatch batch = current().batch();
        CpuWeight weight = (CpuWeight) table;
        CpuTensor target = (CpuTensor) out;
        Shapes.columns("embed out", target, weight.columns());
        Shapes.rows("embed out", target, batch.tokenCount());
        Shapes.tokens(batch, weight);
        embed.with(weight, batch.tokens, target).run(pool, batch.tokenCount(), weight.columns());
        count(0, batch.tokenCount() * weight.rowBytes);
    }

    @Override
    public void rmsNorm(DeviceTensor x, Weight gain, float epsilon, DeviceTensor out, int rows) {
        current();
        normalise((CpuTensor) x, null, (CpuWeight) gain, x.columns(), epsilon, (CpuTensor) out, rows);
    }

    @Override
    public void addRmsNorm(DeviceTensor residual, DeviceTensor delta, Weight gain, float epsilon, DeviceTensor out) {
        int rows = current().batch().tokenCount();
        Shapes.same("addRmsNorm delta", (CpuTensor) delta, (CpuTensor) residual, rows);
        CpuTensor x = (CpuTensor) residual;
        normalise(x, (CpuTensor) delta, (CpuWeight) gain, x.columns(), epsilon, (CpuTensor) out, rows);
    }

    @Override
    public void headNorm(DeviceTensor x, int heads, Weight gain, float epsilon) {
        int rows = current().batch().tokenCount();
        CpuTensor tensor = (CpuTensor) x;
        Shapes.columns("headNorm x", tensor, heads * gain.columns());
        normalise(tensor, null, (CpuWeight) gain, gain.columns(), epsilon, tensor, rows);
    }

    private void normalise(
            CpuTensor x, @Nullable CpuTensor delta, CpuWeight gain, int length, float epsilon, CpuTensor out,
            int rows) {
        Shapes.vector("norm gain", gain, length);
        Shapes.same("norm out", out, x, rows);
        norm.with(x, delta, gain.vector(), length, epsilon, out).run(pool, rows, x.columns());
        count(0, gain.bytes());
    }

    @Override
    public void add(DeviceTensor residual, DeviceTensor delta) {
        int rows = current().batch().tokenCount();
        CpuTensor x = (CpuTensor) residual;
        Shapes.same("add delta", (CpuTensor) delta, x, rows);
        add.with(x, (CpuTensor) delta).run(pool, rows, x.columns());
        count(0, 0);
    }

    @Override
    public void linear(DeviceTensor in, Weight w, @Nullable Weight bias, DeviceTensor out, int rows) {
        current();
        CpuTensor source = (CpuTensor) in;
        CpuTensor target = (CpuTensor) out;
        CpuWeight weight = (CpuWeight) w;
        CpuWeight biasWeight = (CpuWeight) bias;
        Shapes.columns("linear in", source, weight.columns());
        Shapes.columns("linear out", target, weight.rows());
        Shapes.rows("linear in", source, rows);
        Shapes.rows("linear out", target, rows);
        if (biasWeight != null) {
            Shapes.vector("linear bias", biasWeight, weight.rows());
        }
        if (source == target) {
            throw new IllegalArgumentException("linear cannot write over its input");
        }
        linear.run(pool, source, weight, biasWeight == null ? null : biasWeight.vector(), target, rows);
        long biasBytes = biasWeight == null ? 0 : biasWeight.bytes();
        count(2L * weight.rows() * weight.columns() * rows, weight.bytes() + biasBytes);
    }

    @Override
    public void ropeAndWriteKv(DeviceTensor q, DeviceTensor k, DeviceTensor v, Rope turn, AttentionSpec spec) {
        CpuStep now = current();
        int rows = now.batch().tokenCount();
        Shapes.attention(spec, now.cache().layout());
        Shapes.columns("rope q", (CpuTensor) q, spec.heads() * spec.headDim());
        Shapes.columns("rope k", (CpuTensor) k, spec.kvHeads() * spec.headDim());
        Shapes.same("rope v", (CpuTensor) v, (CpuTensor) k, rows);
        Shapes.rows("rope q", (CpuTensor) q, rows);
        if (turn.dimensions() > spec.headDim()) {
            throw new IllegalArgumentException(
                    "a rotation of " + turn.dimensions() + " elements does not fit heads of " + spec.headDim());
        }
        rope.with(now, turn, spec, (CpuTensor) q, (CpuTensor) k, (CpuTensor) v)
                .run(pool, rows, q.columns() + 2 * k.columns());
        count(0, 0);
        counters.kvWriteBytes += rows * now.cache().layerBytesPerToken();
    }

    @Override
    public void attention(DeviceTensor q, AttentionSpec spec, DeviceTensor out) {
        CpuStep now = current();
        CpuTensor queries = (CpuTensor) q;
        Shapes.attention(spec, now.cache().layout());
        Shapes.columns("attention q", queries, spec.heads() * spec.headDim());
        Shapes.rows("attention q", queries, now.batch().tokenCount());
        Shapes.same("attention out", (CpuTensor) out, queries, now.batch().tokenCount());
        attention.run(pool, now, spec, queries, (CpuTensor) out);
        count(4L * spec.heads() * spec.headDim() * now.batch().visibleTokens(spec), 0);
        counters.kvReadBytes += now.batch().tokensRead(spec) * now.cache().layerBytesPerToken();
    }

    @Override
    public void gatedActivation(Activation activation, DeviceTensor gateInput, DeviceTensor up, DeviceTensor out) {
        int rows = current().batch().tokenCount();
        CpuTensor x = (CpuTensor) gateInput;
        Shapes.same("gatedActivation up", (CpuTensor) up, x, rows);
        Shapes.same("gatedActivation out", (CpuTensor) out, x, rows);
        switch (activation) {
            case SILU -> gate.with(x, (CpuTensor) up, (CpuTensor) out).run(pool, rows, x.columns());
        }
        count(0, 0);
    }

    @Override
    public void gatherLogitRows(DeviceTensor in, DeviceTensor out) {
        StepBatch batch = current().batch();
        CpuTensor source = (CpuTensor) in;
        CpuTensor target = (CpuTensor) out;
        Shapes.columns("gatherLogitRows out", target, source.columns());
        Shapes.rows("gatherLogitRows in", source, batch.tokenCount());
        Shapes.rows("gatherLogitRows out", target, batch.logitCount());
        for (int i = 0; i < batch.logitCount(); i++) {
            int row = source.rowStart(batch.logitRows[i]);
            System.arraycopy(source.data, row, target.data, target.rowStart(i), source.columns());
        }
        count(0, 0);
    }

    @Override
    public void copyBlock(KvPool from, int fromBlock, KvPool to, int toBlock) {
        if (inStep) {
            throw new IllegalStateException("blocks are copied before a step begins");
        }
        if (!from.layout().equals(to.layout())) {
            throw new IllegalArgumentException("cannot copy a block of " + from.layout() + " to a cache of "
                    + to.layout());
        }
        long bytes = from.layout().bytesPerBlock();
        MemorySegment source = ((CpuKvPool) from).data;
        MemorySegment target = ((CpuKvPool) to).data;
        MemorySegment.copy(source, fromBlock * bytes, target, toBlock * bytes, bytes);
        count(0, 0);
    }

    @Override
    public void finish() {
        current();
        inStep = false;
    }

    @Override
    public void abandon() {
        inStep = false;
    }

    @Override
    public void download(DeviceTensor source, int row, float[] target, int offset) {
        CpuTensor tensor = (CpuTensor) source;
        Shapes.rows("download", tensor, row + 1);
        System.arraycopy(tensor.data, tensor.rowStart(row), target, offset, tensor.columns());
    }

    @Override
    public OperationCounters counters() {
        return counters;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            pool.close();
            arena.close();
        }
    }

    private CpuStep current() {
        if (!inStep || step == null || closed) {
            throw new IllegalStateException(
                    closed ? "the backend is closed" : "operations run between begin and finish");
        }
        return step;
    }

    private void count(long flops, long weightBytes) {
        counters.operations++;
        counters.flops += flops;
        counters.weightBytes += weightBytes;
    }
}
