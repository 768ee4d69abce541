package dev.pillion.cuda;

import java.util.List;

/** The vendor's libraries that are looked for, each with the file names it goes by, newest first. */
enum NvidiaLibrary {
    /** The driver, the one thing needed. It comes with the kernel module, never with a toolkit. */
    DRIVER(List.of(new FileName("libcuda.so.1", 0)), List.of(new FileName("nvcuda.dll", 0))),

    /** Matrix multiplication. Version 13 needs a driver for CUDA 13. */
    CUBLASLT(
            List.of(new FileName("libcublasLt.so.13", 13), new FileName("libcublasLt.so.12", 12)),
            List.of(new FileName("cublasLt64_13.dll", 13), new FileName("cublasLt64_12.dll", 12))),

    /** The device's gauges; comes with the driver. */
    NVML(List.of(new FileName("libnvidia-ml.so.1", 0)), List.of(new FileName("nvml.dll", 0)));

    /**
     * A name to look for.
     *
     * @param name of the file
     * @param cudaMajor least major version of CUDA that the driver must be for; 0 if any will do
     */
    record FileName(String name, int cudaMajor) {}

    private final List<FileName> linux;
    private final List<FileName> windows;

    NvidiaLibrary(List<FileName> linux, List<FileName> windows) {
        this.linux = linux;
        this.windows = windows;
    }

    /** Names on a kind of machine, in the order they are tried; none where the vendor has no driver. */
    List<FileName> files(Machine.Platform platform) {
        return switch (platform) {
            case LINUX -> linux;
            case WINDOWS -> windows;
            case OTHER -> List.of();
        };
    }

    /** Whether the file comes with the driver, so that toolkits and Python packages need not be searched for it. */
    boolean comesWithDriver() {
        return this != CUBLASLT;
    }

    /** What people call it. */
    String title() {
        return switch (this) {
            case DRIVER -> "NVIDIA driver";
            case CUBLASLT -> "cuBLASLt";
            case NVML -> "NVML";
        };
    }
}
