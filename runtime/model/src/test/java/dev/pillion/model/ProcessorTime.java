package dev.pillion.model;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;

/**
 * Processor time of this thread, for tests of what must not take for ever: a busy machine does not make it longer. By
 * reflection, since the module does without {@code java.management}.
 */
public final class ProcessorTime {
    private static final Object THREADS;
    private static final Method CPU_TIME;

    static {
        try {
            Class<?> factory = Class.forName("java.lang.management.ManagementFactory");
            THREADS = factory.getMethod("getThreadMXBean").invoke(null);
            CPU_TIME = Class.forName("java.lang.management.ThreadMXBean").getMethod("getCurrentThreadCpuTime");
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long startNanos = nanos();

    private ProcessorTime() {}

    /** Starts to measure. */
    public static ProcessorTime start() {
        return new ProcessorTime();
    }

    /** What was used since the start. */
    public Duration used() {
        return Duration.ofNanos(nanos() - startNanos);
    }

    private static long nanos() {
        try {
            return (Long) CPU_TIME.invoke(THREADS);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(e);
        }
    }
}
