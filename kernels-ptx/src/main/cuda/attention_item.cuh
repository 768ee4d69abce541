// What the attention kernels have in common: the work item, the arguments, and the positions a query row sees.
//
// Layouts (row-major, innermost last):
//   q, out        [token][head][headDim], element type T
//   pool          block b starts at b * blockStride; this layer's keys at + layerOffset,
//                 [kvHead][token in block][headDim]; its values follow at + kvHeads * blockTokens * headDim
//   partialOut    [slot][head][headDim] f32, each row divided by its own sum
//   partialLse    [slot][head] f32, natural logarithm of the sum of exponentials; -inf for an empty row, which is zeros
//
// The rows of an item are its tokens times the query heads of one key/value head: row r is token firstToken + r / group
// and query head kvHead * group + r % group, group = heads / kvHeads. So all queries that read one key/value head share
// each loaded key and value, which is what makes decode with grouped heads a matrix product.
#pragma once

#include "types.cuh"

// Work planned on the host by AttentionPlanner; 32 bytes, 16-byte aligned.
struct __align__(16) AttentionItem {
    int firstToken;
    int tokenCount;   // 0: nothing to do
    int blockOffset;  // where the block table begins in blocks
    int kvStart;      // positions [kvStart, kvEnd) are this item's share
    int kvEnd;
    int partial;      // slot of the first token's partial result; < 0: the result is final
    int window;       // a query sees this many positions up to and including its own
    int reserved;
};

template <class T>
struct AttentionCall {
    const typename T::Storage* q;
    const typename T::Storage* pool;
    typename T::Storage* out;
    float* partialOut;
    float* partialLse;
    const AttentionItem* items;
    const int* blocks;
    const int* positions;
    long blockStride;
    long layerOffset;
    int blockTokens;
    int heads;
    int kvHeads;
    float scale;
    float softCap;
};

#define ATTENTION_PARAMETERS(T)                                                                                       \
    const T::Storage *q, const T::Storage *pool, T::Storage *out, float *partialOut, float *partialLse,               \
            const AttentionItem *items, const int *blocks, const int *positions, long blockStride, long layerOffset,  \
            int blockTokens, int heads, int kvHeads, float scale, float softCap

#define ATTENTION_CALL(T)                                                                                             \
    AttentionCall<T> { q, pool, out, partialOut, partialLse, items, blocks, positions, blockStride, layerOffset,      \
                       blockTokens, heads, kvHeads, scale, softCap }

__device__ __forceinline__ AttentionItem loadItem(const AttentionItem* items, int index) {
    const int4* words = reinterpret_cast<const int4*>(items + index);
    const int4 a = words[0];
    const int4 b = words[1];
    return {a.x, a.y, a.z, a.w, b.x, b.y, b.z, b.w};
}

__device__ __forceinline__ int warpMin(int value) {
#pragma unroll
    for (int lanes = 16; lanes > 0; lanes /= 2) {
        value = min(value, __shfl_xor_sync(0xffffffffu, value, lanes));
    }
    return value;
}

__device__ __forceinline__ int warpMax(int value) {
    return -warpMin(-value);
}

// Positions [from, to) seen by one query within an item; empty if from >= to.
struct Visible {
    int from;
    int to;
};

__device__ __forceinline__ Visible visibleAt(const AttentionItem& item, int position) {
    return {max(item.kvStart, position - item.window + 1), min(item.kvEnd, position + 1)};
}

// Positions that at least one of the tokens [firstToken, endToken) sees. Called by whole warps.
__device__ __forceinline__ Visible visibleToAny(
        const AttentionItem& item, const int* positions, int firstToken, int endToken) {
    int from = 0x7fffffff;
    int to = 0;
    for (int token = firstToken + (threadIdx.x & 31); token < endToken; token += 32) {
        const Visible visible = visibleAt(item, positions[token]);
        from = min(from, visible.from);
        to = max(to, visible.to);
    }
    return {warpMin(from), warpMax(to)};
}

// Scores turn into exponents of two. Without a cap the raw product is multiplied by scale * log2(e) within the
// exponential's fused multiply-add; with one, the product first becomes tanh(product * scale / cap).
struct ScoreScale {
    float factor;   // exponent of two = factor * score
    float cap;      // scale / cap, or 0
};

__device__ __forceinline__ ScoreScale scoreScale(float scale, float softCap) {
    const float log2e = 1.44269504088896341f;
    return softCap > 0 ? ScoreScale{softCap * log2e, scale / softCap} : ScoreScale{scale * log2e, 0};
}

__device__ __forceinline__ float exp2Fast(float x) {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

// 1 - 2 / (1 + e^2x): absolute error near 1e-7, where tanh.approx has 5e-4, too much under a cap of 50.
__device__ __forceinline__ float tanhBounded(float x) {
    return 1 - __fdividef(2, 1 + exp2Fast(2 * 1.44269504088896341f * x));
}

// Subtracting this from exponents keeps a row that has seen nothing (largest = -inf) free of inf - inf.
__device__ __forceinline__ float exponentBase(float largest, float factor) {
    return largest == -INFINITY ? 0 : largest * factor;
}

__device__ __forceinline__ float naturalLogOfSum(float largestExponent, float sum) {
    return sum > 0 ? (largestExponent + log2f(sum)) * 0.693147180559945309f : -INFINITY;
}
