// A row that a group of threads goes over twice: once to sum, once to write. Chunks go round the threads; the first
// HELD of each thread stay in registers between the two passes, the rest of a long row is read again, from the caches.
#pragma once

#include "element.cuh"

constexpr int WARP = 32;
// Rounds held in registers: rows up to HELD * 1024 * CHUNK elements are read once.
constexpr int HELD = 2;

// Adds over the lanes of a warp; every lane gets the sum.
__device__ __forceinline__ float warpSum(float value) {
#pragma unroll
    for (int distance = WARP / 2; distance > 0; distance /= 2) {
        value += __shfl_xor_sync(0xffffffffu, value, distance);
    }
    return value;
}

// Adds over the threads of a block, a multiple of 32; every thread gets the sum. The order depends on the number of
// threads alone.
__device__ __forceinline__ float blockSum(float value) {
    __shared__ float warpSums[WARP];
    int lane = threadIdx.x % WARP;
    value = warpSum(value);
    __syncthreads();
    if (lane == 0) {
        warpSums[threadIdx.x / WARP] = value;
    }
    __syncthreads();
    return warpSum(lane < blockDim.x / WARP ? warpSums[lane] : 0.0f);
}

// The share of one of `threads` threads in a row of `columns` elements.
struct HeldRow {
    const int thread;
    const int threads;
    const int columns;
    float held[HELD][CHUNK];

    __device__ __forceinline__ HeldRow(int thread, int threads, int columns)
        : thread(thread), threads(threads), columns(columns) {}

    // First pass: read(first, values) fills a chunk, sum(values) uses it. Elements past the end must read as zero.
    template <typename Read, typename Use>
    __device__ __forceinline__ void load(Read read, Use use) {
#pragma unroll
        for (int round = 0; round < HELD; round++) {
            int first = (round * threads + thread) * CHUNK;
            if (first < columns) {
                read(first, held[round]);
                use(first, held[round]);
            }
        }
        for (int first = (HELD * threads + thread) * CHUNK; first < columns; first += threads * CHUNK) {
            float values[CHUNK];
            read(first, values);
            use(first, values);
        }
    }

    // Later pass: use(first, values) for every chunk; what is not held is read from `row`.
    template <typename Use>
    __device__ __forceinline__ void visit(const T* row, Use use) {
#pragma unroll
        for (int round = 0; round < HELD; round++) {
            int first = (round * threads + thread) * CHUNK;
            if (first < columns) {
                use(first, held[round]);
            }
        }
        for (int first = (HELD * threads + thread) * CHUNK; first < columns; first += threads * CHUNK) {
            float values[CHUNK];
            readChunk(row + first, columns - first, values);
            use(first, values);
        }
    }
};
