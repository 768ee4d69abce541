package dev.pillion.cuda;

import dev.pillion.spi.BackendUnavailableException;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.List;

/**
 * The driver's functions that are called. The bindings look each up at its first use, where an old driver that lacks one would
 * fail in the middle of things; asking for all of them at the start gives one clear answer.
 */
final class DriverSymbols {
    private static final List<String> NEEDED = List.of(
            "cuCtxSetCurrent",
            "cuDeviceGet",
            "cuDeviceGetAttribute",
            "cuDeviceGetCount",
            "cuDeviceGetName",
            "cuDeviceGetUuid_v2",
            "cuDevicePrimaryCtxRelease_v2",
            "cuDevicePrimaryCtxRetain",
            "cuDeviceTotalMem_v2",
            "cuDriverGetVersion",
            "cuEventCreate",
            "cuEventDestroy_v2",
            "cuEventElapsedTime",
            "cuEventQuery",
            "cuEventRecord",
            "cuEventSynchronize",
            "cuFuncSetAttribute",
            "cuGetErrorName",
            "cuGetErrorString",
            "cuGraphDestroy",
            "cuGraphExecDestroy",
            "cuGraphInstantiateWithFlags",
            "cuGraphLaunch",
            "cuInit",
            "cuLaunchKernel",
            "cuMemAlloc_v2",
            "cuMemFreeHost",
            "cuMemFree_v2",
            "cuMemGetInfo_v2",
            "cuMemHostAlloc",
            "cuMemcpyDtoDAsync_v2",
            "cuMemcpyDtoHAsync_v2",
            "cuMemcpyHtoDAsync_v2",
            "cuMemsetD8Async",
            "cuModuleGetFunction",
            "cuModuleLoadDataEx",
            "cuModuleUnload",
            "cuOccupancyMaxActiveBlocksPerMultiprocessor",
            "cuStreamBeginCapture_v2",
            "cuStreamCreate",
            "cuStreamDestroy_v2",
            "cuStreamEndCapture",
            "cuStreamSynchronize",
            "cuStreamWaitEvent");

    private DriverSymbols() {}

    /**
     * Checks that the loaded driver has them all.
     *
     * @throws BackendUnavailableException with the names of those it lacks
     */
    static void require(Path driver) {
        SymbolLookup loaded = SymbolLookup.loaderLookup();
        List<String> missing =
                NEEDED.stream().filter(name -> loaded.find(name).isEmpty()).toList();
        if (!missing.isEmpty()) {
            throw new BackendUnavailableException(driver + " lacks " + String.join(", ", missing)
                    + "; a driver for CUDA 11.4 (R470) or newer has them: update the NVIDIA driver");
        }
    }
}
