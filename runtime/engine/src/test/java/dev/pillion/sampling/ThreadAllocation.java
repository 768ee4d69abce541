package dev.pillion.sampling;

import java.lang.reflect.Method;

/**
 * Bytes the current thread has allocated. By reflection: the module under test does not read jdk.management, and tests
 * are compiled as part of it.
 */
final class ThreadAllocation {
    private final Object threads;
    private final Method allocatedBytes;

    ThreadAllocation() throws ReflectiveOperationException {
        threads = Class.forName("java.lang.management.ManagementFactory").getMethod("getThreadMXBean").invoke(null);
        allocatedBytes = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
        allocatedBytes();
    }

    long allocatedBytes() throws ReflectiveOperationException {
        return (Long) allocatedBytes.invoke(threads);
    }
}
