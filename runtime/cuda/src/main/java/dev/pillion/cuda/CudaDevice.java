package dev.pillion.cuda;

import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.GpuDriver;
import dev.pillion.kernels.driver.GpuException;
import dev.pillion.spi.DeviceLostException;
import dev.pillion.spi.DeviceMemoryException;
import java.util.function.Supplier;

/**
 * The device of one backend: its context, the stream operations go to, what was allocated, the kernels compiled so far, and
 * whether all that can still be used.
 */
final class CudaDevice {
    private static final System.Logger LOG = System.getLogger(CudaDevice.class.getName());
    /** The driver's number for a failed allocation. */
    private static final int OUT_OF_MEMORY = 2;

    private enum State {
        WORKING,
        /** An error left the context unusable; what it held goes with it. */
        LOST,
        /** Work on the stream does not end; nothing of it can be freed. */
        HUNG,
        CLOSED
    }

    private final GpuContext context;
    private final ComputeType compute;
    private final long stream;
    private final DeviceMemory memory;
    private final KernelCache kernels;
    private State state = State.WORKING;
    private String reason = "";

    /**
     * Opens a device.
     *
     * @param driver the driver; stays the caller's
     * @param ordinal which of its devices
     * @param compute type of activations, keys and values
     */
    static CudaDevice open(GpuDriver driver, int ordinal, ComputeType compute) {
        GpuContext context = driver.createContext(ordinal);
        boolean opened = false;
        try {
            CudaDevice device = new CudaDevice(context, compute);
            opened = true;
            return device;
        } finally {
            if (!opened) {
                context.close();
            }
        }
    }

    private CudaDevice(GpuContext context, ComputeType compute) {
        this.context = context;
        this.compute = compute;
        this.stream = context.createStream();
        this.memory = new DeviceMemory(context);
        this.kernels = new KernelCache(context);
    }

    GpuContext context() {
        return context;
    }

    /** Type of activations, keys and values. */
    ComputeType compute() {
        return compute;
    }

    /** The stream that operations go to. */
    long stream() {
        return stream;
    }

    /** Gives memory that stays until the device is closed. */
    DeviceMemory memory() {
        return memory;
    }

    KernelCache kernels() {
        return kernels;
    }

    /** The device as messages name it. */
    String place() {
        return "GPU " + context.device().ordinal();
    }

    /** What goes wrong while an engine is built ends in one of the two exceptions that the engine knows. */
    <R> R building(String what, Supplier<R> action) {
        try {
            return action.get();
        } catch (GpuException e) {
            if (e.result() != OUT_OF_MEMORY) {
                throw new DeviceLostException(what + " on " + place() + ": " + e.getMessage(), e);
            }
            throw new DeviceMemoryException(
                    what + " does not fit " + place() + ", where " + memory.bytes() + " bytes are taken: "
                            + e.getMessage() + ". Use a smaller or more tightly packed model, a smaller KV cache "
                            + "(kvBytes, --kv-bytes) or shorter steps (chunkTokens, --chunk-tokens)",
                    e);
        }
    }

    /** Whether the device can be used. */
    boolean isWorking() {
        return state == State.WORKING;
    }

    /** Notes that the context is lost, and to what. */
    void lose(GpuException cause) {
        state = State.LOST;
        reason = String.valueOf(cause.getMessage());
    }

    /** Notes that work on the stream does not end. */
    void hang() {
        state = State.HUNG;
        reason = "its work did not end";
    }

    /**
     * Before every use.
     *
     * @throws DeviceLostException if an earlier step lost the device
     */
    void requireWorking() {
        switch (state) {
            case WORKING -> {}
            case LOST, HUNG -> throw new DeviceLostException(place() + " was lost in an earlier step: " + reason);
            case CLOSED -> throw new IllegalStateException("the backend is closed");
        }
    }

    /** Frees what a working device holds, the users' part first. A device that hangs is left alone. */
    void close(Runnable users) {
        State before = state;
        state = State.CLOSED;
        switch (before) {
            case WORKING -> closeWorking(users);
            case LOST -> {
                context.close();
                kernels.release();
            }
            case HUNG -> context.abandon();
            case CLOSED -> {}
        }
    }

    private void closeWorking(Runnable users) {
        try {
            users.run();
            kernels.unload();
            context.destroyStream(stream);
            memory.close();
        } catch (GpuException e) {
            // What was not freed goes with the context.
            LOG.log(System.Logger.Level.DEBUG, "closing " + place(), e);
        } finally {
            context.close();
            kernels.release();
        }
    }
}
