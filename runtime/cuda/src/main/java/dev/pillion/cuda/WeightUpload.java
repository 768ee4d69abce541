package dev.pillion.cuda;

import dev.pillion.kernels.RowsGeometry;
import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.KernelLaunch;
import dev.pillion.model.Tensor;
import dev.pillion.model.quant.BlockDecoder;
import dev.pillion.model.quant.Dequantizer;
import dev.pillion.spi.UnsupportedWeightException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongConsumer;

/**
 * Copies weights to the device through two page-locked buffers, on a stream of its own: while one buffer is on its way, the
 * other is filled from the mapped file, which is when the file is read. Splitting blocks into planes happens on the device, on
 * the same stream. The calling thread waits only for the buffer it wants to fill, and at the end.
 */
final class WeightUpload implements AutoCloseable {
    private static final int STAGING_BYTES = 16 << 20;

    private final GpuContext context;
    private final DeviceMemory weights;
    private final DeviceMemory staging;
    private final KernelLaunch split;
    private final long stream;
    private final MemorySegment[] buffers = new MemorySegment[2];
    private final long[] copied = new long[2];
    private final long[] raw = new long[2];
    /** Bytes of the file that have arrived when the buffer's last copy has. */
    private final long[] underWay = new long[2];
    private final LongConsumer arrived;
    private int turn;

    /**
     * Prepares an upload.
     *
     * @param weights gives the memory weights stay in
     * @param kernels has the kernel that splits blocks
     * @param arrived is told of bytes of the file that have come to the device
     */
    WeightUpload(GpuContext context, DeviceMemory weights, KernelCache kernels, LongConsumer arrived) {
        this.context = context;
        this.weights = weights;
        this.arrived = arrived;
        this.staging = new DeviceMemory(context);
        this.split = kernels.launch("blocks", "split_blocks");
        this.stream = context.createStream();
        for (int i = 0; i < 2; i++) {
            buffers[i] = staging.allocateHost(STAGING_BYTES);
            raw[i] = staging.allocate(STAGING_BYTES);
            copied[i] = context.createEvent();
            context.recordEvent(copied[i], stream);
        }
    }

    /** Starts copying a tensor; its memory must stay mapped until {@link #finish}. */
    CudaWeight upload(Tensor tensor) {
        return tensor.shape().size() == 1 ? vector(tensor) : matrix(tensor);
    }

    private CudaWeight vector(Tensor tensor) {
        BlockDecoder decoder = Dequantizer.find(tensor.type())
                .orElseThrow(() -> new UnsupportedWeightException(
                        CudaBackend.NAME, tensor, Dequantizer.types().toString()));
        int length = (int) tensor.columns();
        float[] values = new float[length];
        decoder.decode(tensor.data(), 0, values, 0, length);
        MemorySegment heap = MemorySegment.ofArray(values);
        long address = weights.allocate(heap.byteSize());
        copy(heap, address, tensor.data().byteSize());
        return new CudaWeight(tensor.name(), tensor.type(), 1, length, true, address, 0);
    }

    private CudaWeight matrix(Tensor tensor) {
        WeightLayout layout = WeightLayout.of(tensor.type())
                .orElseThrow(() -> new UnsupportedWeightException(CudaBackend.NAME, tensor, WeightLayout.types()));
        long blocks = tensor.elements() / layout.blockElements();
        long main = weights.allocate(layout.mainBytes(blocks));
        long scales = layout.isSplit() ? weights.allocate(layout.scaleBytes(blocks)) : 0;
        if (layout.isSplit()) {
            copySplit(tensor.data(), layout, blocks, main, scales);
        } else {
            copy(tensor.data(), main, tensor.data().byteSize());
        }
        return new CudaWeight(
                tensor.name(), tensor.type(), (int) tensor.rows(), (int) tensor.columns(), false, main, scales);
    }

    /** Copies bytes as they are; {@code fileBytes} of the file stand for them. */
    private void copy(MemorySegment source, long target, long fileBytes) {
        long fileLeft = fileBytes;
        for (long at = 0; at < source.byteSize(); at += STAGING_BYTES) {
            long length = Math.min(STAGING_BYTES, source.byteSize() - at);
            boolean last = at + length == source.byteSize();
            long part = last ? fileLeft : Math.min(length, fileLeft);
            context.copyToDevice(target + at, stage(source.asSlice(at, length), part), stream);
            context.recordEvent(copied[turn], stream);
            fileLeft -= part;
        }
    }

    private void copySplit(MemorySegment source, WeightLayout layout, long blocks, long main, long scales) {
        long most = STAGING_BYTES / layout.blockBytes();
        for (long first = 0; first < blocks; first += most) {
            long count = Math.min(most, blocks - first);
            MemorySegment part = source.asSlice(first * layout.blockBytes(), count * layout.blockBytes());
            MemorySegment staged = stage(part, part.byteSize());
            context.copyToDevice(raw[turn], staged, stream);
            RowsGeometry.splitBlocks(split, count, layout.mainBlockBytes())
                    .set(0, raw[turn])
                    .set(1, main + layout.mainBytes(first))
                    .set(2, scales + layout.scaleBytes(first))
                    .set(3, count)
                    .set(4, layout.blockBytes())
                    .set(5, layout.scaleOffset())
                    .set(6, layout.mainBlockBytes());
            context.launch(split, stream);
            context.recordEvent(copied[turn], stream);
        }
    }

    /** Takes the buffer whose last copy is done first, and fills it. */
    private MemorySegment stage(MemorySegment source, long fileBytes) {
        turn = 1 - turn;
        context.synchronizeEvent(copied[turn]);
        arrive(turn);
        underWay[turn] = fileBytes;
        MemorySegment buffer = buffers[turn].asSlice(0, source.byteSize());
        MemorySegment.copy(source, ValueLayout.JAVA_BYTE, 0, buffer, ValueLayout.JAVA_BYTE, 0, source.byteSize());
        return buffer;
    }

    private void arrive(int buffer) {
        long bytes = underWay[buffer];
        underWay[buffer] = 0;
        if (bytes > 0) {
            arrived.accept(bytes);
        }
    }

    /** Waits until everything is on the device. */
    void finish() {
        context.synchronize(stream);
        arrive(1 - turn);
        arrive(turn);
    }

    @Override
    public void close() {
        for (long event : copied) {
            context.destroyEvent(event);
        }
        context.destroyStream(stream);
        staging.close();
    }
}
