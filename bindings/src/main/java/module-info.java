/**
 * What the NVIDIA libraries look like from Java: generated FFM bindings to the CUDA driver API, cuBLASLt and NVML,
 * and nothing else. Code here is made by {@code scripts/generate-bindings.sh} and never edited by hand. The room is
 * empty until the CUDA backend is built; only {@code dev.pillion.cuda} may enter it.
 */
module dev.pillion.bindings {}
