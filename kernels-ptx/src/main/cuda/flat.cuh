// Kernels over arrays without rows: one chunk per thread.
#pragma once

#include "element.cuh"

constexpr int FLAT_THREADS = 256;

// Index of the thread's first element.
__device__ __forceinline__ long flatFirst() { return ((long)blockIdx.x * FLAT_THREADS + threadIdx.x) * CHUNK; }
