// Sums into the first operand.
//
//   add       residual += delta
//   add_bias  x[row] += bias
//
// Layout: residual, delta [count] T; x [rows][columns] T, bias [columns] f32.
// Floor, bytes per element: 3 * sizeof(T) (add), 2 * sizeof(T) (add_bias): memory-bound.
// Geometry: FLAT_THREADS threads, a chunk each. add: grid x = ceil(count / (FLAT_THREADS * CHUNK)); add_bias: grid x =
// rows, grid y = ceil(columns / (FLAT_THREADS * CHUNK)).
#pragma once

#include "flat.cuh"

KERNEL __launch_bounds__(FLAT_THREADS) TYPED(add)(T* residual, const T* delta, long count) {
    long first = flatFirst();
    if (first >= count) {
        return;
    }
    float sums[CHUNK];
    float more[CHUNK];
    readChunk(residual + first, count - first, sums);
    readChunk(delta + first, count - first, more);
#pragma unroll
    for (int i = 0; i < CHUNK; i++) {
        sums[i] += more[i];
    }
    writeChunk(residual + first, count - first, sums);
}

KERNEL __launch_bounds__(FLAT_THREADS) TYPED(add_bias)(T* x, const float* bias, int rows, int columns) {
    int first = (blockIdx.y * FLAT_THREADS + threadIdx.x) * CHUNK;
    if (first >= columns) {
        return;
    }
    T* at = x + (long)blockIdx.x * columns + first;
    float sums[CHUNK];
    float more[CHUNK];
    readChunk(at, columns - first, sums);
    readFloats(bias + first, columns - first, more);
#pragma unroll
    for (int i = 0; i < CHUNK; i++) {
        sums[i] += more[i];
    }
    writeChunk(at, columns - first, sums);
}
