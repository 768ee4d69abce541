// Rows picked by index, and put back.
//
//   gather_rows   out[i] = in[rows[i]]
//   scatter_rows  out[rows[i]] = in[i]
//
// A negative index leaves the row alone, so that a graph may be launched with fewer rows than it was captured for.
//
// Layout: in, out [...][columns] T; rows [rowCount] int32. in and out do not overlap; no index of scatter_rows occurs
// twice.
// Floor, bytes per element: 2 * sizeof(T): memory-bound.
// Geometry: FLAT_THREADS threads, grid x = rowCount.
#pragma once

#include "flat.cuh"

__device__ __forceinline__ void copyRow(const T* from, T* to, int columns) {
    for (int first = threadIdx.x * CHUNK; first < columns; first += FLAT_THREADS * CHUNK) {
        float values[CHUNK];
        readChunk(from + first, columns - first, values);
        writeChunk(to + first, columns - first, values);
    }
}

KERNEL __launch_bounds__(FLAT_THREADS) TYPED(gather_rows)(const T* in, const int* rows, T* out, int rowCount, int columns) {
    int row = rows[blockIdx.x];
    if (row >= 0) {
        copyRow(in + (long)row * columns, out + (long)blockIdx.x * columns, columns);
    }
}

KERNEL __launch_bounds__(FLAT_THREADS) TYPED(scatter_rows)(const T* in, const int* rows, T* out, int rowCount, int columns) {
    int row = rows[blockIdx.x];
    if (row >= 0) {
        copyRow(in + (long)blockIdx.x * columns, out + (long)row * columns, columns);
    }
}
