/**
 * What the NVIDIA libraries look like from Java: generated FFM bindings to the CUDA driver API, cuBLASLt, NVML and NCCL,
 * and nothing else. Code here is made by {@code scripts/generate-bindings.sh} and never edited by hand. Nothing is loaded
 * here: symbols are looked up through this room's class loader, into which the CUDA backend has loaded the files it found.
 */
module dev.pillion.bindings {
    exports dev.pillion.bindings.cuda to dev.pillion.cuda;
    exports dev.pillion.bindings.cublaslt to dev.pillion.cuda;
    exports dev.pillion.bindings.nccl to dev.pillion.cuda;
    exports dev.pillion.bindings.nvml to dev.pillion.cuda;
}
