// The flat product of linear_flat.cuh for f32 activations, by fused multiply-adds: 1 to 16 tokens.
//
// Launch: blocks of 256 threads, one output per warp, so eight per block; no dynamic shared memory. A lane takes eight
// columns of every 256; x comes from the caches. The lanes' sums are added by shuffles.
//
// What holds: a token's result does not depend on the other tokens or their number.
#pragma once
#include "weights.cuh"

constexpr int FLAT_TOKENS = 16;

static __device__ __forceinline__ float warpSum(float v) {
#pragma unroll
    for (int step = 16; step > 0; step >>= 1) {
        v += __shfl_xor_sync(0xFFFFFFFFu, v, step);
    }
    return v;
}

// Eight columns of a row of weights, or the less than eight that are left; VECTORS says that rows start at multiples
// of 32 bytes of x, so that eight columns can be read together.
template <typename W, bool VECTORS>
static __device__ __forceinline__ void loadEight(
        const void* weight, const unsigned short* scale, long e, int left, float (&v)[8]) {
    if constexpr (VECTORS) {
        Weight<W>::load8(weight, scale, e, v);
    } else {
#pragma unroll
        for (int i = 0; i < 8; i++) {
            v[i] = i < left ? Weight<W>::load1(weight, scale, e + i) : 0.0f;
        }
    }
}

template <typename W, bool VECTORS>
static __device__ __forceinline__ void flatSums(const void* weight, const unsigned short* scale, const float* x,
        int rows, int output, int columns, float (&total)[FLAT_TOKENS]) {
#pragma unroll 1
    for (int column = 8 * (threadIdx.x & 31); column < columns; column += 256) {
        float w[8];
        loadEight<W, VECTORS>(weight, scale, (long)output * columns + column, columns - column, w);
#pragma unroll
        for (int token = 0; token < FLAT_TOKENS; token++) {
            if (token < rows) {
                float v[8];
                loadEight<f32, VECTORS>(x, nullptr, (long)token * columns + column, columns - column, v);
#pragma unroll
                for (int i = 0; i < 8; i++) {
                    total[token] = fmaf(w[i], v[i], total[token]);
                }
            }
        }
    }
}

template <typename W>
static __device__ __forceinline__ void flatF32(const void* weight, const unsigned short* scale, const float* bias,
        const float* x, float* out, int rows, int outputs, int columns) {
    int output = blockIdx.x * (blockDim.x >> 5) + (threadIdx.x >> 5);
    if (output >= outputs) {
        return;
    }
    float total[FLAT_TOKENS] = {};
    if (Weight<W>::BLOCK > 1 || (columns & 7) == 0) {
        flatSums<W, true>(weight, scale, x, rows, output, columns, total);
    } else if constexpr (Weight<W>::BLOCK == 1) {
        flatSums<W, false>(weight, scale, x, rows, output, columns, total);
    }
    float added = bias == nullptr ? 0.0f : bias[output];
#pragma unroll
    for (int token = 0; token < FLAT_TOKENS; token++) {
        if (token < rows) {
            float sum = warpSum(total[token]);
            if ((threadIdx.x & 31) == 0) {
                out[(long)token * outputs + output] = sum + added;
            }
        }
    }
}
