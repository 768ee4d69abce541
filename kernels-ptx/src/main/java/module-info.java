/**
 * What runs on the GPU: CUDA C++ kernels, the PTX they compile to (shipped as resources), the catalogue that names
 * them, the driver interface they are launched through, and the virtual GPU that executes that PTX on a CPU.
 */
module dev.pillion.kernels {
    requires static org.jspecify;

    exports dev.pillion.kernels;
    exports dev.pillion.kernels.driver;
    exports dev.pillion.kernels.virtual;
}
