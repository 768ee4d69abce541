// Tiles of 16-bit elements in shared memory: how they are laid out, filled from the paged cache, and read as operands
// of mma.sync.m16n8k16 (PTX ISA, "Matrix fragments for mma.m16n8k16").
#pragma once

#include "attention_item.cuh"
#include "tensor.cuh"

// Like loadMatrices, each matrix transposed.
__device__ __forceinline__ void loadMatricesTransposed(unsigned shared, unsigned (&r)[4]) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(shared)
                 : "memory");
}

// ROWS rows of D elements, rows one after the other, 16-byte chunks of a row permuted so that the eight rows that one
// matrix load reads at one chunk lie in the eight different 16-byte columns of the 32 banks: with C chunks to a row and
// g = gcd(C, 8), row r starts at column C * r mod 8, which repeats after 8 / g rows, so the chunk's low bits are xored
// with r / (8 / g) mod g. That works for every even C, so for D = 80 and 96 as well.
template <int ROWS, int D>
struct Tile {
    static const int CHUNKS = D / 8;
    static const int ROW_BYTES = 2 * D;
    static const int BYTES = ROWS * ROW_BYTES;
    static const int GCD = CHUNKS % 8 == 0 ? 8 : CHUNKS % 4 == 0 ? 4 : 2;
    static_assert(D % 16 == 0 && ROWS % 8 == 0, "mma takes 16 elements at a time, a matrix load 8 rows");

    static __device__ __forceinline__ unsigned offset(int row, int chunk) {
        return row * ROW_BYTES + ((chunk ^ ((row / (8 / GCD)) & (GCD - 1))) << 4);
    }
};

// One key/value head of one layer as an item sees it through its block table.
template <class T>
struct PagedHead {
    const typename T::Storage* keys;  // of block 0
    long blockStride;
    int valuesAfterKeys;
    const int* table;
    int tokenBits;                    // log2(blockTokens)
    int end;                          // positions from here on are not read

    __device__ __forceinline__ PagedHead(
            const AttentionCall<T>& call, const AttentionItem& item, int kvHead, int headDim, int end)
        : keys(call.pool + call.layerOffset + (long)kvHead * call.blockTokens * headDim),
          blockStride(call.blockStride),
          valuesAfterKeys(call.kvHeads * call.blockTokens * headDim),
          table(call.blocks + item.blockOffset),
          tokenBits(31 - __clz(call.blockTokens)),
          end(end) {}

    // A tile starts at a multiple of 8 and a block holds a multiple of 8 tokens, so each eight rows lie in one block:
    // lane i fetches the block of rows 8i..8i+7, a tile ahead of its use, and the copies take it by shuffle.
    __device__ __forceinline__ int blockOfEightRows(int tileStart, int rows) const {
        const int position = tileStart + 8 * (threadIdx.x & 31);
        return (threadIdx.x & 31) < rows / 8 && position < end ? table[position >> tokenBits] : 0;
    }

    // Starts copying keys and values of ROWS positions, by THREADS threads of which this is number thread. Rows outside
    // the range become zeros: a zero weight times whatever shared memory held before could be NaN.
    template <int ROWS, int D, int THREADS>
    __device__ __forceinline__ void copy(
            unsigned keyTile, unsigned valueTile, int tileStart, int from, int blockOfEightRows, int thread) const {
        typedef Tile<ROWS, D> Shape;
        static_assert(ROWS * Shape::CHUNKS % THREADS == 0, "whole warps shuffle");
#pragma unroll 2  // unrolled whole, the addresses of all steps would be kept in registers
        for (int i = 0; i < ROWS * Shape::CHUNKS / THREADS; i++) {
            const int row = (i * THREADS + thread) / Shape::CHUNKS;
            const int chunk = (i * THREADS + thread) % Shape::CHUNKS;
            const int block = __shfl_sync(0xffffffffu, blockOfEightRows, row / 8);
            const int position = tileStart + row;
            const int token = position & ((1 << tokenBits) - 1);
            const bool inside = position >= from && position < end;
            const typename T::Storage* key = keys + (inside ? block * blockStride + token * D + chunk * 8 : 0);
            copyAsync16(keyTile + Shape::offset(row, chunk), key, inside ? 16 : 0);
            copyAsync16(valueTile + Shape::offset(row, chunk), key + valuesAfterKeys, inside ? 16 : 0);
        }
    }
};

// The 16 query rows of one warp: accumulators of the scores' running softmax and of the output. Row 0 of a thread is
// row lane / 4 of the warp, row 1 is eight below; of each eight columns a thread holds 2 * (lane % 4) and the next.
template <class T, int D>
struct WarpRows {
    float out[D / 8][4];
    float largest[2];  // of the raw scores
    float sum[2];      // of this thread's columns only
    Visible visible[2];
    Visible any;       // positions that some row of the warp sees

    __device__ __forceinline__ void clear() {
#pragma unroll
        for (int n = 0; n < D / 8; n++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                out[n][i] = 0;
            }
        }
        largest[0] = largest[1] = -INFINITY;
        sum[0] = sum[1] = 0;
    }

    // firstRow is the warp's first row within the item; rows from rowCount on do not exist and see nothing.
    __device__ __forceinline__ void look(
            const AttentionItem& item, const int* positions, int firstRow, int rowCount, int group) {
        any = {0x7fffffff, 0};
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const int row = firstRow + (threadIdx.x & 31) / 4 + 8 * half;
            visible[half] = {0, 0};
            if (row < rowCount) {
                visible[half] = visibleAt(item, positions[item.firstToken + row / group]);
                any = {min(any.from, visible[half].from), max(any.to, visible[half].to)};
            }
        }
        any = {warpMin(any.from), warpMax(any.to)};
    }

    // Whether some row of the warp sees a position from this one on.
    __device__ __forceinline__ bool seesBeyond(int position) const {
        return __any_sync(0xffffffffu, position < max(visible[0].to, visible[1].to));
    }

    // Adds COLUMNS positions from tileStart on whose raw scores are given.
    template <int COLUMNS>
    __device__ __forceinline__ void softmax(float (&scores)[COLUMNS / 8][4], int tileStart, const ScoreScale& scale) {
        if (scale.cap != 0) {
#pragma unroll
            for (int n = 0; n < COLUMNS / 8; n++) {
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    scores[n][i] = tanhBounded(scores[n][i] * scale.cap);
                }
            }
        }
        if (tileStart < max(visible[0].from, visible[1].from)
                || tileStart + COLUMNS > min(visible[0].to, visible[1].to)) {
            mask<COLUMNS>(scores, tileStart);
        }
        float highest[2] = {largest[0], largest[1]};
#pragma unroll
        for (int n = 0; n < COLUMNS / 8; n++) {
            highest[0] = fmaxf(highest[0], fmaxf(scores[n][0], scores[n][1]));
            highest[1] = fmaxf(highest[1], fmaxf(scores[n][2], scores[n][3]));
        }
#pragma unroll
        for (int half = 0; half < 2; half++) {
            highest[half] = fmaxf(highest[half], __shfl_xor_sync(0xffffffffu, highest[half], 1));
            highest[half] = fmaxf(highest[half], __shfl_xor_sync(0xffffffffu, highest[half], 2));
        }
        if (__any_sync(0xffffffffu, highest[0] > largest[0] || highest[1] > largest[1])) {
            grow(highest, scale.factor);
        }
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const float base = exponentBase(largest[half], scale.factor);
#pragma unroll
            for (int n = 0; n < COLUMNS / 8; n++) {
#pragma unroll
                for (int i = 2 * half; i < 2 * half + 2; i++) {
                    scores[n][i] = exp2Fast(fmaf(scores[n][i], scale.factor, -base));
                    sum[half] += scores[n][i];
                }
            }
        }
    }

    // Relates what was summed so far to larger maxima. After the first tiles they rarely grow, so most tiles skip this.
    __device__ __forceinline__ void grow(const float (&highest)[2], float factor) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const float shrink = exp2Fast(fmaf(largest[half], factor, -exponentBase(highest[half], factor)));
            largest[half] = highest[half];
            sum[half] *= shrink;
#pragma unroll
            for (int n = 0; n < D / 8; n++) {
                out[n][2 * half] *= shrink;
                out[n][2 * half + 1] *= shrink;
            }
        }
    }

    template <int COLUMNS>
    __device__ __forceinline__ void mask(float (&scores)[COLUMNS / 8][4], int tileStart) {
#pragma unroll
        for (int n = 0; n < COLUMNS / 8; n++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                const int position = tileStart + 8 * n + 2 * (threadIdx.x & 3) + i % 2;
                if (position < visible[i / 2].from || position >= visible[i / 2].to) {
                    scores[n][i] = -INFINITY;
                }
            }
        }
    }

    // out += weights x values of COLUMNS positions; the weights' accumulators are the left operand as they lie.
    template <int COLUMNS>
    __device__ __forceinline__ void addValues(const float (&weights)[COLUMNS / 8][4], unsigned valueTile) {
        const int lane = threadIdx.x & 31;
#pragma unroll
        for (int k = 0; k < COLUMNS / 16; k++) {
            const unsigned a[4] = {
                    Tensor<T>::pack(weights[2 * k][0], weights[2 * k][1]),
                    Tensor<T>::pack(weights[2 * k][2], weights[2 * k][3]),
                    Tensor<T>::pack(weights[2 * k + 1][0], weights[2 * k + 1][1]),
                    Tensor<T>::pack(weights[2 * k + 1][2], weights[2 * k + 1][3])};
#pragma unroll
            for (int n = 0; n < D / 16; n++) {
                unsigned b[4];
                loadMatricesTransposed(valueTile + Tile<COLUMNS, D>::offset(16 * k + lane % 16, 2 * n ^ lane / 16), b);
                Tensor<T>::multiply(out[2 * n], a, make_uint2(b[0], b[1]));
                Tensor<T>::multiply(out[2 * n + 1], a, make_uint2(b[2], b[3]));
            }
        }
    }

    // Adds the four threads' sums of each row.
    __device__ __forceinline__ void gatherSums() {
#pragma unroll
        for (int half = 0; half < 2; half++) {
            sum[half] += __shfl_xor_sync(0xffffffffu, sum[half], 1);
            sum[half] += __shfl_xor_sync(0xffffffffu, sum[half], 2);
        }
    }
};

// scores += queries x keys of COLUMNS positions, for 16 elements of the head from 16 * k on.
template <class T, int COLUMNS, int D>
__device__ __forceinline__ void addScores(
        float (&scores)[COLUMNS / 8][4], const unsigned (&query)[4], unsigned keyTile, int k) {
    const int lane = threadIdx.x & 31;
#pragma unroll
    for (int n = 0; n < COLUMNS / 16; n++) {
        unsigned b[4];
        loadMatrices(keyTile + Tile<COLUMNS, D>::offset(16 * n + lane % 8 + lane / 16 * 8, 2 * k ^ lane / 8 % 2), b);
        Tensor<T>::multiply(scores[2 * n], query, make_uint2(b[0], b[1]));
        Tensor<T>::multiply(scores[2 * n + 1], query, make_uint2(b[2], b[3]));
    }
}

template <int COLUMNS>
__device__ __forceinline__ void clearScores(float (&scores)[COLUMNS / 8][4]) {
#pragma unroll
    for (int n = 0; n < COLUMNS / 8; n++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            scores[n][i] = 0;
        }
    }
}
