package dev.pillion.engine;

import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import dev.pillion.spi.Activation;
import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.Backend;
import dev.pillion.spi.DeviceProfile;
import dev.pillion.spi.DeviceTensor;
import dev.pillion.spi.KvLayout;
import dev.pillion.spi.KvPool;
import dev.pillion.spi.OperationCounters;
import dev.pillion.spi.Rope;
import dev.pillion.spi.StepBatch;
import dev.pillion.spi.Weight;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A device that does nothing and always finds token 0 the likeliest: races want many lives, not much of a life. */
final class ConstantBackend implements Backend {
    private record Shape(int rowCapacity, int columns) implements DeviceTensor {}

    private record Named(String name, TensorType type, int rows, int columns) implements Weight {}

    private record Blocks(KvLayout layout, int blocks, Tier tier) implements KvPool {}

    final AtomicInteger closes = new AtomicInteger();
    private final boolean broken;

    /**
     * A device.
     *
     * @param broken whether every step ends in an error
     */
    ConstantBackend(boolean broken) {
        this.broken = broken;
    }

    @Override
    public String name() {
        return "constant";
    }

    @Override
    public String description() {
        return "does nothing";
    }

    @Override
    public DeviceProfile profile() {
        return DeviceProfile.host(1 << 30);
    }

    @Override
    public Weight weight(Tensor tensor) {
        return new Named(tensor.name(), tensor.type(), (int) tensor.rows(), (int) tensor.columns());
    }

    @Override
    public DeviceTensor allocate(int rowCapacity, int columns) {
        return new Shape(rowCapacity, columns);
    }

    @Override
    public KvPool allocateKvPool(KvLayout layout, int blocks, KvPool.Tier tier) {
        return new Blocks(layout, blocks, tier);
    }

    @Override
    public void begin(StepBatch batch, KvPool cache) {
        if (broken) {
            throw new InternalError("the device is broken");
        }
    }

    @Override
    public void embed(Weight table, DeviceTensor out) {}

    @Override
    public void rmsNorm(DeviceTensor x, Weight gain, float epsilon, DeviceTensor out, int rows) {}

    @Override
    public void addRmsNorm(DeviceTensor residual, DeviceTensor delta, Weight gain, float epsilon, DeviceTensor out) {}

    @Override
    public void add(DeviceTensor residual, DeviceTensor delta) {}

    @Override
    public void linear(DeviceTensor in, Weight w, @Nullable Weight bias, DeviceTensor out, int rows) {}

    @Override
    public void headNorm(DeviceTensor x, int heads, Weight gain, float epsilon) {}

    @Override
    public void ropeAndWriteKv(DeviceTensor q, DeviceTensor k, DeviceTensor v, Rope rope, AttentionSpec attention) {}

    @Override
    public void attention(DeviceTensor q, AttentionSpec attention, DeviceTensor out) {}

    @Override
    public void gatedActivation(Activation activation, DeviceTensor gate, DeviceTensor up, DeviceTensor out) {}

    @Override
    public void gatherLogitRows(DeviceTensor in, DeviceTensor out) {}

    @Override
    public void copyBlock(KvPool from, int fromBlock, KvPool to, int toBlock) {}

    @Override
    public void finish() {}

    @Override
    public void abandon() {}

    @Override
    public void download(DeviceTensor source, int row, float[] target, int offset) {
        target[offset] = 1;
    }

    @Override
    public OperationCounters counters() {
        return new OperationCounters();
    }

    @Override
    public void close() {
        closes.incrementAndGet();
    }
}
