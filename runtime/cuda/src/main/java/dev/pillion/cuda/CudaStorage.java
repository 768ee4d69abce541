package dev.pillion.cuda;

import dev.pillion.spi.DeviceTensor;
import dev.pillion.spi.KvLayout;
import dev.pillion.spi.KvPool;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** Allocates activations, logits and KV pools, and moves what is in them: blocks between pools, logits to the host. */
final class CudaStorage {
    private final CudaDevice device;
    /** Where a row of logits lands on its way to the caller's array. */
    private @Nullable MemorySegment landing;

    CudaStorage(CudaDevice device) {
        this.device = device;
    }

    /** Activations, in the type the device computes in. */
    CudaTensor activations(int rowCapacity, int columns) {
        return allocate(rowCapacity, columns, device.compute().bytes());
    }

    /** Logits, in F32. */
    CudaTensor logits(int rowCapacity, int columns) {
        long rowBytes = (long) columns * Float.BYTES;
        if (landing == null || landing.byteSize() < rowBytes) {
            landing = device.building("a row of logits", () -> device.memory().allocateHost(rowBytes));
        }
        return allocate(rowCapacity, columns, Float.BYTES);
    }

    private CudaTensor allocate(int rowCapacity, int columns, int elementBytes) {
        long bytes = (long) rowCapacity * columns * elementBytes;
        long address = device.building("activations", () -> device.memory().allocate(bytes));
        return new CudaTensor(address, rowCapacity, columns, elementBytes);
    }

    /** A pool of KV blocks, on the device or in page-locked memory. */
    CudaKvPool kvPool(KvLayout layout, int blocks, KvPool.Tier tier) {
        if (layout.type() != device.compute().tensorType()) {
            throw new IllegalArgumentException(
                    "keys and values are kept as " + device.compute().tensorType() + " here, not as " + layout.type());
        }
        long bytes = layout.bytesPerBlock() * blocks;
        DeviceMemory memory = device.memory();
        return device.building("the KV cache", () -> switch (tier) {
            case DEVICE -> new CudaKvPool(layout, blocks, tier, memory.allocate(bytes), MemorySegment.NULL);
            case HOST -> new CudaKvPool(layout, blocks, tier, 0, memory.allocateHost(bytes));
        });
    }

    /** Starts the copy of a block to another pool or within one. */
    void copyBlock(KvPool from, int fromBlock, KvPool to, int toBlock) {
        if (!from.layout().equals(to.layout())) {
            throw new IllegalArgumentException(
                    "cannot copy a block of " + from.layout() + " to a pool of " + to.layout());
        }
        BlockCopy.enqueue(
                device.context(), (CudaKvPool) from, fromBlock, (CudaKvPool) to, toBlock, device.stream());
    }

    /** Copies a row of logits to the host, and waits for it. */
    void download(DeviceTensor source, int row, float[] target, int offset) {
        device.requireWorking();
        CudaTensor tensor = (CudaTensor) source;
        tensor.require("download", row + 1, tensor.columns());
        if (tensor.elementBytes() != Float.BYTES || landing == null) {
            throw new IllegalArgumentException("only logits are downloaded");
        }
        MemorySegment landed = landing.asSlice(0, tensor.rowBytes());
        device.context().copyToHost(landed, tensor.row(row), device.stream());
        device.context().synchronize(device.stream());
        MemorySegment.copy(landed, ValueLayout.JAVA_FLOAT, 0, target, offset, tensor.columns());
    }
}
