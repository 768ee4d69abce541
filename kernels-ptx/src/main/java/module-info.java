/**
 * What runs on the GPU: CUDA C++ kernels, the PTX they compile to (shipped as resources), the catalogue that names
 * them, and the virtual GPU that executes that PTX on a CPU. The room is empty until the CUDA backend is built.
 */
module dev.pillion.kernels {}
