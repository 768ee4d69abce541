package dev.pillion.kernels.virtual;

import dev.pillion.kernels.driver.GpuException;

/** Results of driver calls that the virtual GPU gives, with the driver's numbers and words. */
enum CudaResult {
    /** An argument is out of range. */
    INVALID_VALUE(1, "invalid argument", false),
    /** No memory left. */
    OUT_OF_MEMORY(2, "out of memory", false),
    /** The driver was shut down. */
    DEINITIALIZED(4, "driver shutting down", false),
    /** There is no such device. */
    INVALID_DEVICE(101, "invalid device ordinal", false),
    /** The context is closed. */
    INVALID_CONTEXT(201, "invalid device context", false),
    /** The code is for another architecture. */
    NO_BINARY_FOR_GPU(209, "no kernel image is available for execution on the device", false),
    /** The PTX is not understood. */
    INVALID_PTX(218, "a PTX JIT compilation failed", false),
    /** A handle is not one of this context. */
    INVALID_HANDLE(400, "invalid resource handle", false),
    /** There is no such kernel. */
    NOT_FOUND(500, "named symbol not found", false),
    /** The work is not done. */
    NOT_READY(600, "device not ready", false),
    /** A kernel accessed memory that is not its. */
    ILLEGAL_ADDRESS(700, "an illegal memory access was encountered", true),
    /** A launch asks for more than the device has. */
    LAUNCH_OUT_OF_RESOURCES(701, "too many resources requested for launch", false),
    /** A kernel ran too long. */
    LAUNCH_TIMEOUT(702, "the launch timed out and was terminated", true),
    /** A kernel hit a trap. */
    ILLEGAL_INSTRUCTION(715, "an illegal instruction was encountered", true),
    /** A kernel accessed memory across its alignment. */
    MISALIGNED_ADDRESS(716, "misaligned address", true),
    /** A kernel failed in another way. */
    LAUNCH_FAILED(719, "unspecified launch failure", true),
    /** The stream is being recorded. */
    STREAM_CAPTURE_UNSUPPORTED(900, "operation not permitted when stream is capturing", false),
    /** The recording is broken. */
    STREAM_CAPTURE_INVALIDATED(901, "operation failed due to a previous error during capture", false),
    /** The event was last recorded in a recording. */
    CAPTURED_EVENT(907, "operation not permitted on an event last recorded in a capturing stream", false),
    /** Anything else. */
    UNKNOWN(999, "unknown error", true);

    private final int code;
    private final String description;
    private final boolean sticky;

    CudaResult(int code, String description, boolean sticky) {
        this.code = code;
        this.description = description;
        this.sticky = sticky;
    }

    /** The driver's number. */
    int code() {
        return code;
    }

    /** Whether the context is lost. */
    boolean sticky() {
        return sticky;
    }

    /** The exception for a call. */
    GpuException exception(String subject) {
        return new GpuException(code, "CUDA_ERROR_" + name(), description, subject, sticky);
    }

    /** The result of a number; {@link #UNKNOWN} where it is none of these. */
    static CudaResult of(int code) {
        for (CudaResult result : values()) {
            if (result.code == code) {
                return result;
            }
        }
        return UNKNOWN;
    }
}
