package dev.pillion.kernels.driver;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A context on one device. Addresses and handles are plain {@code long}s, as the driver gives them. Work put on one
 * stream runs in order; nothing is ordered between streams but by events. Enqueueing calls return before the work is
 * done, and an error of the work shows in a later call.
 *
 * <p>Every method may throw {@link GpuException}. After a sticky one every further call but {@link #close} throws too.
 * Calls come from one thread at a time.
 */
public interface GpuContext extends AutoCloseable {
    /** The device. */
    GpuDeviceInfo device();

    /** Free and total device memory. */
    MemoryInfo memory();

    /**
     * Device memory.
     *
     * @param free bytes free now
     * @param total bytes in all
     */
    record MemoryInfo(long free, long total) {}

    /** Allocates device memory, aligned to at least 256 bytes; contents are undefined. */
    long allocate(long bytes);

    /** Frees device memory. */
    void free(long address);

    /** Allocates page-locked host memory, which copies can be asynchronous from and to. */
    MemorySegment allocateHost(long bytes);

    /** Frees page-locked host memory. */
    void freeHost(MemorySegment segment);

    /** Copies {@code source}, native memory which stays unchanged until the copy is done, to the device. */
    void copyToDevice(long target, MemorySegment source, long stream);

    /** As {@link #copyToDevice(long, MemorySegment, long)} for the first {@code bytes}, without a slice for each step. */
    default void copyToDevice(long target, MemorySegment source, long bytes, long stream) {
        copyToDevice(target, source.asSlice(0, bytes), stream);
    }

    /** Copies device memory to {@code target}, native memory. */
    void copyToHost(MemorySegment target, long source, long stream);

    /** As {@link #copyToHost(MemorySegment, long, long)} for the first {@code bytes}, without a slice for each step. */
    default void copyToHost(MemorySegment target, long source, long bytes, long stream) {
        copyToHost(target.asSlice(0, bytes), source, stream);
    }

    /** Copies within the device; the ranges do not overlap. */
    void copyOnDevice(long target, long source, long bytes, long stream);

    /** Sets bytes. */
    void fill(long target, byte value, long bytes, long stream);

    /** Creates a stream. */
    long createStream();

    /** Waits until all work of a stream is done. */
    void synchronize(long stream);

    /** Destroys a stream whose work is done. */
    void destroyStream(long stream);

    /** Creates an event. */
    long createEvent();

    /** Marks the work put on the stream so far. */
    void recordEvent(long event, long stream);

    /** Makes later work of the stream wait for the event's mark. */
    void waitEvent(long stream, long event);

    /** Whether the marked work is done. */
    boolean isDone(long event);

    /** Waits for the marked work. */
    void synchronizeEvent(long event);

    /** Milliseconds between the marks of two events that are done. */
    float elapsedMillis(long start, long end);

    /** Destroys an event. */
    void destroyEvent(long event);

    /**
     * Compiles PTX for the device.
     *
     * @param name names the module in errors
     * @param ptx text of the module, ASCII
     */
    long loadModule(String name, byte[] ptx);

    /** Unloads a module. */
    void unloadModule(long module);

    /** Looks up a kernel of a module. */
    long function(long module, String name);

    /** Lets launches of a kernel ask for so much dynamic shared memory. */
    void allowSharedBytes(long function, int bytes);

    /** Blocks of a kernel that one multiprocessor holds at a time. */
    int occupancy(long function, int blockThreads, int sharedBytes);

    /** Puts a launch on a stream. The arguments are copied before this returns. */
    void launch(KernelLaunch launch, long stream);

    /** From here on work put on the stream is recorded rather than run. */
    void beginCapture(long stream);

    /** Ends the recording and makes it an executable graph. */
    long endCapture(long stream);

    /** Puts a graph on a stream. */
    void launchGraph(long graph, long stream);

    /** Destroys a graph. */
    void destroyGraph(long graph);

    /** Matrix multiplication by the vendor's library, where it was found. */
    Optional<MatmulLibrary> matmulLibrary();

    /**
     * Closes a context whose work does not end, without waiting for it: what the device may still use is not freed.
     * Idempotent; never throws.
     */
    default void abandon() {
        close();
    }

    /** Frees all that the context holds. Idempotent; never throws. */
    @Override
    void close();
}
