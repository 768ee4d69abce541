// The tokens of one row that can still be drawn, without a list of them: each filter keeps a prefix of some order, so
// that a key and the last index among equals say who is left.
//
// Weights are unnormalised probabilities, e^((logit - highest) / temperature), in fixed point: 2^44 is the most likely
// token's. Their sums are integers, exact and the same in any order. A token below 2^-45 of the most likely one weighs
// nothing.
#pragma once

#include "block.cuh"
#include "sample_row.cuh"

// 2^44: a vocabulary of up to 2^19 tokens sums to less than 2^63.
constexpr float WEIGHT_OF_HIGHEST = 17592186044416.0f;

struct Candidates {
    const float* logits;
    const int* ids;  // token of each entry; null where the index is the token
    int count;
    float highest;
    float lowest;
    bool certain;  // the highest logit is +infinity: the tokens that have it are equally likely, the others out
    double temperature;
    double perTemperature;

    // Kept by top-k, top-p and min-p: keys above cutKey, and of its equals those up to index cutLast.
    unsigned cutKey;
    int cutLast;
    // Kept by typical-p, likewise, by closeness to the expected logit.
    bool typical;
    double expected;
    unsigned typicalKey;
    int typicalLast;

    __device__ __forceinline__ int token(int i) const { return ids ? ids[i] : i; }

    // The logit of an entry, from the value in memory.
    __device__ __forceinline__ float effective(float stored) const {
        return certain ? (stored == INFINITY ? 0.0f : -INFINITY) : stored;
    }

    // Distance from the highest logit in units of the temperature.
    __device__ __forceinline__ double scaled(float logit) const {
        return __dmul_rn(__dsub_rn(logit, highest), perTemperature);
    }

    // Distance from the expected logit.
    __device__ __forceinline__ float distance(float logit) const {
        return __double2float_rn(fabs(__dsub_rn(expected, scaled(logit))));
    }

    // Weight of entry i; 0 if it is out.
    __device__ __forceinline__ Wide weight(int i, float logit) const {
        unsigned key = keyOf(logit);
        if (!(logit > -INFINITY) || key < cutKey || (key == cutKey && i > cutLast)) {
            return 0;
        }
        if (typical) {
            unsigned closeness = ~keyOf(distance(logit));
            if (closeness < typicalKey || (closeness == typicalKey && i > typicalLast)) {
                return 0;
            }
        }
        return __float2ull_rn(expf((logit - highest) * (float)perTemperature) * WEIGHT_OF_HIGHEST);
    }
};

// Calls use(i, logit) for every entry, the loads of four before the first use.
template <typename Use>
__device__ __forceinline__ void forEach(const Candidates& candidates, Use use) {
    for (int base = threadIdx.x; base < candidates.count; base += 4 * SAMPLE_THREADS) {
        float logits[4];
#pragma unroll
        for (int j = 0; j < 4; j++) {
            int i = base + j * SAMPLE_THREADS;
            logits[j] = i < candidates.count ? candidates.logits[i] : -INFINITY;
        }
#pragma unroll
        for (int j = 0; j < 4; j++) {
            int i = base + j * SAMPLE_THREADS;
            if (i < candidates.count) {
                use(i, candidates.effective(logits[j]));
            }
        }
    }
}
