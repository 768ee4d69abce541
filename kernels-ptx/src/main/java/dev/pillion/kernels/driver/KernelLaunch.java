package dev.pillion.kernels.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A kernel, its grid and its arguments, in native memory that is allocated once and filled again for each launch:
 * {@link #values()} holds the arguments one after the other, each at its own alignment, and {@link #pointers()} the
 * array of pointers to them that the driver wants. Not thread-safe.
 */
public final class KernelLaunch {
    private final long function;
    private final KernelSignature signature;
    private final MemorySegment values;
    private final MemorySegment pointers;
    private final int[] offsets;
    private final int[] sizes;
    private int gridX = 1;
    private int gridY = 1;
    private int gridZ = 1;
    private int blockX = 1;
    private int blockY = 1;
    private int blockZ = 1;
    private int sharedBytes;

    /**
     * Allocates the arguments.
     *
     * @param function handle of the kernel
     * @param signature its parameters
     * @param arena owns the memory
     */
    public KernelLaunch(long function, KernelSignature signature, Arena arena) {
        this.function = function;
        this.signature = signature;
        values = arena.allocate(Math.max(8, signature.bytes()), 16);
        pointers = arena.allocate(8L * Math.max(1, signature.count()), 8);
        offsets = new int[signature.count()];
        sizes = new int[signature.count()];
        for (int i = 0; i < signature.count(); i++) {
            offsets[i] = signature.offset(i);
            sizes[i] = signature.size(i);
            pointers.setAtIndex(ValueLayout.JAVA_LONG, i, values.address() + offsets[i]);
        }
    }

    /** Sets the grid, in blocks. */
    public KernelLaunch grid(int x, int y, int z) {
        gridX = x;
        gridY = y;
        gridZ = z;
        return this;
    }

    /** Sets the block, in threads. */
    public KernelLaunch block(int x, int y, int z) {
        blockX = x;
        blockY = y;
        blockZ = z;
        return this;
    }

    /** Sets the dynamic shared memory of a block. */
    public KernelLaunch shared(int bytes) {
        sharedBytes = bytes;
        return this;
    }

    /** Sets a 64-bit argument: a device address or a {@code long}. */
    public KernelLaunch set(int index, long value) {
        require(index, 8);
        values.set(ValueLayout.JAVA_LONG, offsets[index], value);
        return this;
    }

    /** Sets a 32-bit integer argument. */
    public KernelLaunch set(int index, int value) {
        require(index, 4);
        values.set(ValueLayout.JAVA_INT, offsets[index], value);
        return this;
    }

    /** Sets a 32-bit floating-point argument. */
    public KernelLaunch set(int index, float value) {
        require(index, 4);
        values.set(ValueLayout.JAVA_FLOAT, offsets[index], value);
        return this;
    }

    private void require(int index, int bytes) {
        if (sizes[index] != bytes) {
            throw new IllegalArgumentException("argument " + index + " of " + signature.name() + " has "
                    + sizes[index] + " bytes, not " + bytes);
        }
    }

    /** Handle of the kernel. */
    public long function() {
        return function;
    }

    /** Name and parameters of the kernel. */
    public KernelSignature signature() {
        return signature;
    }

    /** The arguments, {@code signature().bytes()} bytes. */
    public MemorySegment values() {
        return values;
    }

    /** Pointers to the arguments, one per parameter. */
    public MemorySegment pointers() {
        return pointers;
    }

    /** Blocks along x. */
    public int gridX() {
        return gridX;
    }

    /** Blocks along y. */
    public int gridY() {
        return gridY;
    }

    /** Blocks along z. */
    public int gridZ() {
        return gridZ;
    }

    /** Threads of a block along x. */
    public int blockX() {
        return blockX;
    }

    /** Threads of a block along y. */
    public int blockY() {
        return blockY;
    }

    /** Threads of a block along z. */
    public int blockZ() {
        return blockZ;
    }

    /** Dynamic shared memory of a block. */
    public int sharedBytes() {
        return sharedBytes;
    }
}
