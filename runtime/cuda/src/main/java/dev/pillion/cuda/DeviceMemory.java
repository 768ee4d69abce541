package dev.pillion.cuda;

import dev.pillion.kernels.driver.GpuContext;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * What a backend allocates, freed together. Small pieces are cut from slabs: a driver hands out device memory in pages of
 * two megabytes, and a model has hundreds of vectors.
 */
final class DeviceMemory implements AutoCloseable {
    private static final long SLAB_BYTES = 4L << 20;
    private static final long ALIGNMENT = 256;

    private final GpuContext context;
    private final List<Long> allocations = new ArrayList<>();
    private final List<MemorySegment> pinned = new ArrayList<>();
    private long slab;
    private long slabLeft;
    private long bytes;

    DeviceMemory(GpuContext context) {
        this.context = context;
    }

    /** Allocates device memory, 256-byte aligned. */
    long allocate(long wanted) {
        long size = Math.max(ALIGNMENT, (wanted + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        if (size > SLAB_BYTES / 4) {
            return take(size);
        }
        if (size > slabLeft) {
            slab = take(SLAB_BYTES);
            slabLeft = SLAB_BYTES;
        }
        long address = slab;
        slab += size;
        slabLeft -= size;
        return address;
    }

    private long take(long size) {
        long address = context.allocate(size);
        allocations.add(address);
        bytes += size;
        return address;
    }

    /** Allocates page-locked host memory. */
    MemorySegment allocateHost(long size) {
        MemorySegment segment = context.allocateHost(size);
        pinned.add(segment);
        return segment;
    }

    /** Device memory taken so far. */
    long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        allocations.forEach(context::free);
        allocations.clear();
        pinned.forEach(context::freeHost);
        pinned.clear();
        slabLeft = 0;
        bytes = 0;
    }
}
