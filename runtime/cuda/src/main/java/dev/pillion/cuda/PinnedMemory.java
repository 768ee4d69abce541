package dev.pillion.cuda;

import dev.pillion.bindings.cuda.CudaDriver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;

/**
 * Page-locked host memory of a context. Each piece has an arena of its own, closed when the piece is freed, so that a late
 * access from Java throws instead of reading memory that is no longer ours.
 */
final class PinnedMemory {
    private final Map<Long, Arena> arenas = new HashMap<>();
    private final Handles handles = new Handles("pinned memory", this::free);

    /** Allocates; every context of the process may copy from and to it. */
    MemorySegment allocate(long bytes) {
        long address;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
            CudaResult.check(
                    CudaDriver.cuMemHostAlloc(out, bytes, CudaDriver.CU_MEMHOSTALLOC_PORTABLE()),
                    "allocating " + Bytes.text(bytes) + " of pinned host memory");
            address = out.get(ValueLayout.JAVA_LONG, 0);
        }
        Arena arena = Arena.ofShared();
        arenas.put(handles.opened(address), arena);
        return MemorySegment.ofAddress(address).reinterpret(bytes, arena, null);
    }

    /** Frees what {@link #allocate} gave; returns the driver's result. */
    int free(MemorySegment segment) {
        return handles.destroy(segment.address());
    }

    /** Frees everything. */
    void freeAll() {
        handles.destroyAll();
    }

    private int free(long address) {
        Arena arena = arenas.remove(address);
        if (arena != null) {
            arena.close();
        }
        return CudaDriver.cuMemFreeHost(MemorySegment.ofAddress(address));
    }
}
