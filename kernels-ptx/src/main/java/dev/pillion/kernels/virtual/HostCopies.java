package dev.pillion.kernels.virtual;

import java.lang.foreign.MemorySegment;

/** Host memory as copies see it. */
final class HostCopies {
    private static final Thread ANOTHER = Thread.ofPlatform().unstarted(() -> { });

    private HostCopies() {}

    /** The memory for the stream's thread, which not every segment allows; the real driver does not ask either. */
    static MemorySegment forAnyThread(MemorySegment segment) {
        if (!segment.isNative()) {
            throw CudaResult.INVALID_VALUE.exception("copy from or to memory on the Java heap");
        }
        return segment.isAccessibleBy(ANOTHER) ? segment : unconfined(segment);
    }

    @SuppressWarnings("restricted")
    private static MemorySegment unconfined(MemorySegment segment) {
        return MemorySegment.ofAddress(segment.address()).reinterpret(segment.byteSize());
    }
}
