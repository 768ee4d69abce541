package dev.pillion.cuda;

import dev.pillion.bindings.cuda.CudaDriver;
import dev.pillion.kernels.driver.GpuException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What the driver's functions return, turned into exceptions. */
final class CudaResult {
    private CudaResult() {}

    /**
     * Throws unless a call succeeded.
     *
     * @param result what the call returned
     * @param subject what the call was about
     */
    static void check(int result, String subject) {
        if (result != CudaDriver.CUDA_SUCCESS()) {
            throw failure(result, subject);
        }
    }

    /** The exception for a call that failed. */
    static GpuException failure(int result, String subject) {
        return failure(result, subject, "");
    }

    /** The exception for a call that failed, with what else is known of the reason. */
    static GpuException failure(int result, String subject, String detail) {
        String description = text(result, CudaDriver::cuGetErrorString, "unknown to this driver");
        String whole = detail.isEmpty() ? description : description + ": " + detail;
        return new GpuException(result, name(result), whole, subject, isSticky(result));
    }

    /** The driver's name for a result. */
    static String name(int result) {
        return text(result, CudaDriver::cuGetErrorName, "CUDA_ERROR_" + result);
    }

    /**
     * Whether a result means that the context is lost, by what the driver API's reference says of each: the device met an
     * error that leaves it inconsistent, or the context is no more. Errors of a call's arguments, lack of memory and errors
     * of compilation leave the context as it was.
     */
    static boolean isSticky(int result) {
        return result == CudaDriver.CUDA_ERROR_DEINITIALIZED()
                || result == CudaDriver.CUDA_ERROR_ECC_UNCORRECTABLE()
                || result == CudaDriver.CUDA_ERROR_NVLINK_UNCORRECTABLE()
                || result == CudaDriver.CUDA_ERROR_CONTAINED()
                || result == CudaDriver.CUDA_ERROR_ILLEGAL_ADDRESS()
                || result == CudaDriver.CUDA_ERROR_LAUNCH_TIMEOUT()
                || result == CudaDriver.CUDA_ERROR_CONTEXT_IS_DESTROYED()
                || result == CudaDriver.CUDA_ERROR_ASSERT()
                || result == CudaDriver.CUDA_ERROR_HARDWARE_STACK_ERROR()
                || result == CudaDriver.CUDA_ERROR_ILLEGAL_INSTRUCTION()
                || result == CudaDriver.CUDA_ERROR_MISALIGNED_ADDRESS()
                || result == CudaDriver.CUDA_ERROR_INVALID_ADDRESS_SPACE()
                || result == CudaDriver.CUDA_ERROR_INVALID_PC()
                || result == CudaDriver.CUDA_ERROR_LAUNCH_FAILED()
                || result == CudaDriver.CUDA_ERROR_TENSOR_MEMORY_LEAK()
                || result == CudaDriver.CUDA_ERROR_MPS_CLIENT_TERMINATED()
                || result == CudaDriver.CUDA_ERROR_EXTERNAL_DEVICE();
    }

    private interface Lookup {
        int into(int result, MemorySegment text);
    }

    private static String text(int result, Lookup lookup, String otherwise) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
            if (lookup.into(result, pointer) != CudaDriver.CUDA_SUCCESS()) {
                return otherwise;
            }
            MemorySegment text = pointer.get(CudaDriver.C_POINTER, 0);
            return text.address() == 0 ? otherwise : text.getString(0);
        }
    }
}
