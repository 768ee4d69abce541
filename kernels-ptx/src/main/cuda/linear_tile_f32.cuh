// The product of linear_flat.cuh for any number of tokens with f32 activations, by fused multiply-adds.
//
//   floor   2 * rows * outputs * columns FLOPs
//
// Launch: blocks of 256 threads make 64 tokens x 64 outputs, 4 x 4 per thread; grid x counts tiles of tokens, y tiles
// of outputs; no dynamic shared memory. Sixteen columns at a time lie in shared memory, unpacked, column by column, so
// that a thread reads its four tokens and four outputs as one vector each.
#pragma once
#include "weights.cuh"

constexpr int TILE = 64;
constexpr int TILE_COLUMNS = 16;
// Four more floats per column: the two threads that share a row write to different banks.
constexpr int TILE_STRIDE = TILE + 4;

// Puts four columns of one row into the tile; rows and columns that do not exist become zeros.
template <typename W>
static __device__ __forceinline__ void fillTile(float (*tile)[TILE_STRIDE], const void* main,
        const unsigned short* scale, int first, int rows, int column, int columns) {
    int row = threadIdx.x >> 2;
    int within = 4 * (threadIdx.x & 3);
    float v[8] = {};
    if (first + row < rows) {
        long e = (long)(first + row) * columns + column + within;
        if (Weight<W>::BLOCK > 1) {
            float eight[8];
            Weight<W>::load8(main, scale, e & ~7L, eight);
#pragma unroll
            for (int i = 0; i < 4; i++) {
                v[i] = (e & 4) == 0 ? eight[i] : eight[i + 4];
            }
        } else {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                v[i] = column + within + i < columns ? Weight<W>::load1(main, scale, e + i) : 0.0f;
            }
        }
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
        tile[within + i][row] = v[i];
    }
}

template <typename W>
static __device__ __forceinline__ void tileF32(const void* weight, const unsigned short* scale, const float* bias,
        const float* x, float* out, int rows, int outputs, int columns) {
    __shared__ __align__(16) float tokens[TILE_COLUMNS][TILE_STRIDE];
    __shared__ __align__(16) float weights[TILE_COLUMNS][TILE_STRIDE];
    int firstToken = blockIdx.x * TILE;
    int firstOutput = blockIdx.y * TILE;
    int token = 4 * (threadIdx.x >> 4);
    int output = 4 * (threadIdx.x & 15);
    float total[4][4] = {};
#pragma unroll 1
    for (int column = 0; column < columns; column += TILE_COLUMNS) {
        fillTile<f32>(tokens, x, nullptr, firstToken, rows, column, columns);
        fillTile<W>(weights, weight, scale, firstOutput, outputs, column, columns);
        __syncthreads();
#pragma unroll
        for (int k = 0; k < TILE_COLUMNS; k++) {
            float4 a = *(const float4*)&tokens[k][token];
            float4 b = *(const float4*)&weights[k][output];
            const float as[4] = {a.x, a.y, a.z, a.w};
            const float bs[4] = {b.x, b.y, b.z, b.w};
#pragma unroll
            for (int i = 0; i < 16; i++) {
                total[i / 4][i % 4] = fmaf(as[i / 4], bs[i % 4], total[i / 4][i % 4]);
            }
        }
        __syncthreads();
    }
#pragma unroll
    for (int i = 0; i < 16; i++) {
        int row = firstToken + token + i / 4;
        int at = firstOutput + output + i % 4;
        if (row < rows && at < outputs) {
            out[(long)row * outputs + at] = total[i / 4][i % 4] + (bias == nullptr ? 0.0f : bias[at]);
        }
    }
}
