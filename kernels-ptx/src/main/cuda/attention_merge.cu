// Merges the partial results of attention items that share query tokens (log-sum-exp merge; Milakov and Gimelshein
// 2018, FlashInfer section 2.2): out = sum_i e^(lse_i - lse) out_i. Tokens without partial results are left as they
// are, since an item has written them; a row for which all partial results are empty becomes zeros.
//
//   partialOut [slot][heads][headDim] f32, each normalised; partialLse [slot][heads] f32, natural logarithm
//   partialSlots [partialStart[tokenCount]] int32: token t merges partialSlots[partialStart[t]] and on, up to
//   partialSlots[partialStart[t + 1]]
//   out [token][heads][headDim] T
// Floor in bytes: 4 * headDim + 8 per slot and head read, headDim * sizeof(T) per token and head written: memory-bound.
// Geometry: block 128, one warp per head; grid (tokenCount, ceil(heads / 4)); no dynamic shared memory.
#include "attention_item.cuh"

static __device__ __forceinline__ float largestOfWarp(float value) {
#pragma unroll
    for (int lanes = 16; lanes > 0; lanes /= 2) {
        value = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, lanes));
    }
    return value;
}

static __device__ __forceinline__ float sumOfWarp(float value) {
#pragma unroll
    for (int lanes = 16; lanes > 0; lanes /= 2) {
        value += __shfl_xor_sync(0xffffffffu, value, lanes);
    }
    return value;
}

KERNEL __launch_bounds__(128) TYPED(attention_merge)(
        const float* partialOut, const float* partialLse, const int* partialSlots, const int* partialStart,
        TYPE::Storage* out, int tokenCount, int heads, int headDim) {
    const float log2e = 1.44269504088896341f;
    const int token = blockIdx.x;
    const int head = blockIdx.y * 4 + threadIdx.x / 32;
    const int lane = threadIdx.x & 31;
    if (token >= tokenCount || head >= heads) {
        return;
    }
    const int first = partialStart[token];
    const int end = partialStart[token + 1];
    if (first == end) {
        return;
    }
    float largest = -INFINITY;
    for (int i = first + lane; i < end; i += 32) {
        largest = fmaxf(largest, partialLse[(long)partialSlots[i] * heads + head]);
    }
    largest = largestOfWarp(largest);
    const float base = exponentBase(largest, log2e);
    float sum = 0;
    for (int i = first + lane; i < end; i += 32) {
        sum += exp2Fast(fmaf(partialLse[(long)partialSlots[i] * heads + head], log2e, -base));
    }
    sum = sumOfWarp(sum);
    const float inverse = sum > 0 ? 1 / sum : 0;
    TYPE::Storage* row = out + ((long)token * heads + head) * headDim;
    for (int column = lane; column < headDim; column += 32) {
        float merged = 0;
#pragma unroll 4
        for (int i = first; i < end; i++) {
            const long at = (long)partialSlots[i] * heads + head;
            const float weight = exp2Fast(fmaf(partialLse[at], log2e, -base));
            merged = fmaf(weight, partialOut[at * headDim + column], merged);
        }
        row[column] = TYPE::fromFloat(merged * inverse);
    }
}
