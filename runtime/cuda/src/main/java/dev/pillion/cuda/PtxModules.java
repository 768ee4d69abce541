package dev.pillion.cuda;

import dev.pillion.bindings.cuda.CudaDriver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;

/** The modules of a context and the kernels looked up in them. */
final class PtxModules {
    private static final int LOG_BYTES = 8192;

    private final Handles modules =
            new Handles("module", module -> CudaDriver.cuModuleUnload(MemorySegment.ofAddress(module)));
    private final Map<Long, String> moduleNames = new HashMap<>();
    private final Map<Long, String> functionNames = new HashMap<>();

    /** Compiles a module; what the compiler says about a bad one goes into the exception. */
    long load(String name, byte[] ptx) {
        try (Arena arena = Arena.ofConfined()) {
            // The driver knows PTX by the byte 0 behind it.
            MemorySegment image = arena.allocate(ptx.length + 1L);
            MemorySegment.copy(ptx, 0, image, ValueLayout.JAVA_BYTE, 0, ptx.length);
            MemorySegment log = arena.allocate(LOG_BYTES);
            MemorySegment options = arena.allocateFrom(
                    ValueLayout.JAVA_INT,
                    CudaDriver.CU_JIT_ERROR_LOG_BUFFER(),
                    CudaDriver.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES());
            // Option values are pointers; a number travels in the pointer's bits.
            MemorySegment values = arena.allocateFrom(ValueLayout.JAVA_LONG, log.address(), LOG_BYTES);
            MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
            int result = CudaDriver.cuModuleLoadDataEx(out, image, 2, options, values);
            if (result != CudaDriver.CUDA_SUCCESS()) {
                throw CudaResult.failure(result, "compiling module " + name, text(log));
            }
            long module = modules.opened(out.get(ValueLayout.JAVA_LONG, 0));
            moduleNames.put(module, name);
            return module;
        }
    }

    private static String text(MemorySegment log) {
        log.set(ValueLayout.JAVA_BYTE, LOG_BYTES - 1, (byte) 0);
        return log.getString(0).strip();
    }

    /** Unloads a module; returns the driver's result. */
    int unload(long module) {
        moduleNames.remove(module);
        return modules.destroy(module);
    }

    /** Looks up a kernel. */
    long function(long module, String name) {
        String subject = "looking up kernel " + name + " in module " + moduleNames.getOrDefault(module, "that is not loaded");
        if (!modules.contains(module)) {
            throw CudaResult.failure(CudaDriver.CUDA_ERROR_INVALID_HANDLE(), subject);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
            CudaResult.check(
                    CudaDriver.cuModuleGetFunction(out, MemorySegment.ofAddress(module), arena.allocateFrom(name)),
                    subject);
            long function = out.get(ValueLayout.JAVA_LONG, 0);
            functionNames.put(function, name);
            return function;
        }
    }

    /** Lets a kernel ask for dynamic shared memory beyond the 48 KiB that every device has. */
    void allowSharedBytes(long function, int bytes) {
        CudaResult.check(
                CudaDriver.cuFuncSetAttribute(
                        MemorySegment.ofAddress(function),
                        CudaDriver.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES(),
                        bytes),
                "allowing kernel " + name(function) + " " + bytes + " bytes of shared memory");
    }

    /** Blocks of a kernel that a multiprocessor holds. */
    int occupancy(long function, int blockThreads, int sharedBytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.JAVA_INT);
            CudaResult.check(
                    CudaDriver.cuOccupancyMaxActiveBlocksPerMultiprocessor(
                            out, MemorySegment.ofAddress(function), blockThreads, sharedBytes),
                    "occupancy of kernel " + name(function) + " with " + blockThreads + " threads and " + sharedBytes
                            + " bytes of shared memory");
            return out.get(ValueLayout.JAVA_INT, 0);
        }
    }

    /** Name of a kernel, for messages. */
    String name(long function) {
        return functionNames.getOrDefault(function, "0x" + Long.toHexString(function));
    }

    /** Unloads everything. */
    void unloadAll() {
        modules.destroyAll();
    }
}
