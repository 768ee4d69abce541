package dev.pillion.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * The driver's functions that a step calls. The generated bindings take a {@code MemorySegment} for each handle and pointer;
 * these take {@code long}s, which need no object, no liveness check and no session to hold for the length of the call. The C
 * side is the same: on every system the driver exists for, a pointer and a 64-bit integer are passed alike.
 *
 * <p>Handles are static and final, so that the JIT compiler sees through them to the call. None is {@code critical}: a launch
 * blocks when the queue is full, and a JVM that cannot reach a safepoint meanwhile stands still.
 *
 * <p>To be touched only after the driver's library was loaded.
 */
final class HotCalls {
    private static final MethodHandle LAUNCH_KERNEL = handle(
            List.of("cuLaunchKernel"),
            JAVA_LONG,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG);
    private static final MethodHandle GRAPH_LAUNCH = handle(List.of("cuGraphLaunch"), JAVA_LONG, JAVA_LONG);
    private static final MethodHandle COPY_TO_DEVICE =
            handle(List.of("cuMemcpyHtoDAsync_v2"), JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle COPY_TO_HOST =
            handle(List.of("cuMemcpyDtoHAsync_v2"), JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle COPY_ON_DEVICE =
            handle(List.of("cuMemcpyDtoDAsync_v2"), JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle FILL = handle(List.of("cuMemsetD8Async"), JAVA_LONG, JAVA_BYTE, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle STREAM_SYNCHRONIZE = handle(List.of("cuStreamSynchronize"), JAVA_LONG);
    private static final MethodHandle STREAM_WAIT_EVENT =
            handle(List.of("cuStreamWaitEvent"), JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle EVENT_RECORD = handle(List.of("cuEventRecord"), JAVA_LONG, JAVA_LONG);
    private static final MethodHandle EVENT_QUERY = handle(List.of("cuEventQuery"), JAVA_LONG);
    private static final MethodHandle EVENT_SYNCHRONIZE = handle(List.of("cuEventSynchronize"), JAVA_LONG);

    /** The second version came with CUDA 12.8; the first does the same for events that are done. */
    private static final MethodHandle EVENT_ELAPSED_TIME =
            handle(List.of("cuEventElapsedTime_v2", "cuEventElapsedTime"), JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private HotCalls() {}

    /** A handle to the first of the functions that the loaded libraries have; all return {@code int}. */
    static MethodHandle handle(List<String> names, MemoryLayout... parameters) {
        SymbolLookup loaded = SymbolLookup.loaderLookup();
        for (String name : names) {
            var symbol = loaded.find(name);
            if (symbol.isPresent()) {
                return Linker.nativeLinker().downcallHandle(symbol.get(), FunctionDescriptor.of(JAVA_INT, parameters));
            }
        }
        throw new UnsatisfiedLinkError("no " + String.join(" or ", names));
    }

    /** What a call declared to throw nothing checked has thrown. */
    static RuntimeException unexpected(Throwable thrown) {
        return switch (thrown) {
            case Error error -> throw error;
            case RuntimeException exception -> exception;
            default -> new IllegalStateException(thrown);
        };
    }

    static int launchKernel(
            long function,
            int gridX,
            int gridY,
            int gridZ,
            int blockX,
            int blockY,
            int blockZ,
            int sharedBytes,
            long stream,
            long parameters) {
        try {
            return (int) LAUNCH_KERNEL.invokeExact(
                    function, gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes, stream, parameters, 0L);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int graphLaunch(long graph, long stream) {
        try {
            return (int) GRAPH_LAUNCH.invokeExact(graph, stream);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int copyToDevice(long target, long source, long bytes, long stream) {
        try {
            return (int) COPY_TO_DEVICE.invokeExact(target, source, bytes, stream);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int copyToHost(long target, long source, long bytes, long stream) {
        try {
            return (int) COPY_TO_HOST.invokeExact(target, source, bytes, stream);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int copyOnDevice(long target, long source, long bytes, long stream) {
        try {
            return (int) COPY_ON_DEVICE.invokeExact(target, source, bytes, stream);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int fill(long target, byte value, long bytes, long stream) {
        try {
            return (int) FILL.invokeExact(target, value, bytes, stream);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int streamSynchronize(long stream) {
        try {
            return (int) STREAM_SYNCHRONIZE.invokeExact(stream);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int streamWaitEvent(long stream, long event) {
        try {
            return (int) STREAM_WAIT_EVENT.invokeExact(stream, event, 0);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int eventRecord(long event, long stream) {
        try {
            return (int) EVENT_RECORD.invokeExact(event, stream);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int eventQuery(long event) {
        try {
            return (int) EVENT_QUERY.invokeExact(event);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int eventSynchronize(long event) {
        try {
            return (int) EVENT_SYNCHRONIZE.invokeExact(event);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Writes a {@code float} of milliseconds to the address {@code millis}. */
    static int eventElapsedTime(long millis, long start, long end) {
        try {
            return (int) EVENT_ELAPSED_TIME.invokeExact(millis, start, end);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }
}
