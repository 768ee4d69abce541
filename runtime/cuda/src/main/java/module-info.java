/**
 * The CUDA backend: PTX kernels and cuBLASLt driven through the Foreign Function and Memory API. Besides the generated
 * bindings this is the only room that may call native code; both need {@code --enable-native-access}.
 */
module dev.pillion.cuda {
    requires dev.pillion;
    requires dev.pillion.bindings;
    requires dev.pillion.kernels;
    requires static org.jspecify;

    provides dev.pillion.spi.BackendProvider
            with dev.pillion.cuda.CudaBackendProvider, dev.pillion.cuda.VirtualGpuBackendProvider;
}
