/**
 * The CUDA backend: PTX kernels and cuBLASLt driven through the Foreign Function and Memory API. Besides the generated
 * bindings this is the only room that may call native code. It is empty until the CUDA backend is built, and no
 * provider is registered, so that startup never offers what is not there.
 */
module dev.pillion.cuda {
    requires dev.pillion;
    requires dev.pillion.bindings;
    requires dev.pillion.kernels;
}
