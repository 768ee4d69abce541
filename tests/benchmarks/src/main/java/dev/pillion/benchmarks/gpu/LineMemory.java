package dev.pillion.benchmarks.gpu;

import dev.pillion.kernels.driver.GpuContext;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Device memory of one line of the table. Operands come in rings: as many copies as it takes to be larger than the level
 * 2 cache, so that a kernel that is launched again and again reads memory and not the cache.
 */
final class LineMemory implements AutoCloseable {
    private static final int ALIGNMENT = 256;
    /** A ring is so many times as large as the cache. */
    private static final int CACHES = 4;
    private static final int MOST_COPIES = 256;

    private final BenchmarkGpu gpu;
    private final GpuContext context;
    private final Arena arena = Arena.ofShared();
    private final List<Long> allocations = new ArrayList<>();
    private int mostCopies = 1;

    LineMemory(BenchmarkGpu gpu) {
        this.gpu = gpu;
        context = gpu.context();
    }

    /**
     * Copies of an operand.
     *
     * @param first address of the first
     * @param step bytes from one to the next
     * @param copies how many
     */
    record Ring(long first, long step, int copies) {
        /** No operand: the null address. */
        static final Ring NONE = new Ring(0, 0, 1);

        /** The address to use at a turn. */
        long at(int turn) {
            return first + turn % copies * step;
        }
    }

    /** Copies of an operand that is read. */
    Ring ring(long bytes, Content content) {
        Ring ring = ring(bytes);
        MemorySegment pattern = gpu.pattern(content, bytes);
        for (int i = 0; i < ring.copies(); i++) {
            repeat(ring.at(i), pattern, bytes);
        }
        context.synchronize(gpu.stream());
        return ring;
    }

    /** Copies of an operand that is written; contents are undefined. */
    Ring ring(long bytes) {
        int copies = gpu.isVirtual()
                ? 1
                : (int) Math.clamp(CACHES * context.device().l2Bytes() / Math.max(1, bytes) + 1, 1, MOST_COPIES);
        long step = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        mostCopies = Math.max(mostCopies, copies);
        return new Ring(allocate(step * copies), step, copies);
    }

    /** One operand of undefined content. */
    long single(long bytes) {
        return allocate(bytes);
    }

    /** One operand, filled. */
    long single(long bytes, Content content) {
        long address = allocate(bytes);
        repeat(address, gpu.pattern(content, bytes), bytes);
        context.synchronize(gpu.stream());
        return address;
    }

    /** Bytes that are all zero. */
    long zeros(long bytes) {
        long address = allocate(bytes);
        context.fill(address, (byte) 0, bytes, gpu.stream());
        context.synchronize(gpu.stream());
        return address;
    }

    /** Integers. */
    long ints(int... values) {
        MemorySegment staged = arena.allocate(Math.max(4, 4L * values.length), 16);
        MemorySegment.copy(values, 0, staged, ValueLayout.JAVA_INT, 0, values.length);
        return segment(staged);
    }

    /** What a segment holds. */
    long segment(MemorySegment content) {
        MemorySegment staged = arena.allocate(content.byteSize(), 16).copyFrom(content);
        long address = allocate(content.byteSize());
        context.copyToDevice(address, staged, gpu.stream());
        context.synchronize(gpu.stream());
        return address;
    }

    /** After so many turns the first operands come again. */
    int turns() {
        return mostCopies;
    }

    private long allocate(long bytes) {
        long address = context.allocate(Math.max(1, bytes));
        allocations.add(address);
        return address;
    }

    /** Copies the pattern, then what there is of it, until the place is full. */
    private void repeat(long target, MemorySegment pattern, long bytes) {
        long done = Math.min(bytes, pattern.byteSize());
        context.copyToDevice(target, pattern.asSlice(0, done), gpu.stream());
        while (done < bytes) {
            long more = Math.min(done, bytes - done);
            context.copyOnDevice(target + done, target, more, gpu.stream());
            done += more;
        }
    }

    @Override
    public void close() {
        allocations.forEach(context::free);
        arena.close();
    }
}
