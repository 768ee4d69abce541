// dequantize_<w>: a whole weight matrix in the compute type, for the plain path (dequantise, then multiply).
//
// Layout: main, scale [rows][columns] as in weights.cuh, out [rows][columns] T.
// Floor, bytes per element: sizeof(T) + bytes of a weight: memory-bound.
// Geometry: DEQUANTIZE_THREADS threads, eight elements each: grid x = ceil(rows * columns / (8 * DEQUANTIZE_THREADS)).
#pragma once

#include "unpack.cuh"

constexpr int DEQUANTIZE_THREADS = 256;

template <typename W>
__device__ __forceinline__ void dequantize(const void* main, const unsigned short* scale, T* out, long count) {
    long e = ((long)blockIdx.x * DEQUANTIZE_THREADS + threadIdx.x) * UNPACKED;
    if (e < count) {
        unpack<W>(main, scale, e, count - e, out + e);
    }
}

#define DEQUANTIZE(W)                                                                                            \
    KERNEL __launch_bounds__(DEQUANTIZE_THREADS) JOIN3(dequantize, W, TYPE)(                                     \
        const void* main, const unsigned short* scale, T* out, long rows, int columns) {                         \
        dequantize<W>(main, scale, out, rows * columns);                                                         \
    }

FOR_EACH_WEIGHT(DEQUANTIZE)
#undef DEQUANTIZE
