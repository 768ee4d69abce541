// Starts the sampling of a row: its highest and lowest logit, and whether it can be sampled at all.
#pragma once

#include "candidates.cuh"

struct RowRange {
    unsigned highestKey;   // of the logits that are numbers
    unsigned lowestKey;    // of the logits above -infinity
    unsigned firstNan;     // token, 0xffffffff if there is none
};

__device__ __forceinline__ RowRange rangeOf(const float* logits, int vocabulary, Wide* warps) {
    unsigned highest = 0;
    // Complements, so that every one of the three is a maximum.
    unsigned lowest = 0;
    unsigned nan = 0;
#pragma unroll 4
    for (int i = threadIdx.x; i < vocabulary; i += SAMPLE_THREADS) {
        float logit = logits[i];
        unsigned key = keyOf(logit);
        bool isNan = isnan(logit);
        nan = isNan ? max(nan, ~(unsigned)i) : nan;
        highest = isNan ? highest : max(highest, key);
        lowest = logit > -INFINITY ? max(lowest, ~key) : lowest;
    }
    return {blockMax(highest, warps), ~blockMax(lowest, warps), ~blockMax(nan, warps)};
}

// STATUS_CHOSEN where the row can be sampled.
__device__ __forceinline__ int statusOf(RowRange range) {
    return range.firstNan != 0xffffffffu ? STATUS_NAN_LOGIT
        : range.highestKey <= keyOf(-INFINITY) ? STATUS_NO_TOKEN_LEFT
                                               : STATUS_CHOSEN;
}

// All tokens above -infinity; where logits are +infinity, those that are, equally likely.
__device__ __forceinline__ Candidates candidatesOf(
    const float* logits, int vocabulary, RowRange range, double temperature) {
    Candidates candidates;
    float highest = floatOf(range.highestKey);
    candidates.logits = logits;
    candidates.ids = nullptr;
    candidates.count = vocabulary;
    candidates.certain = highest == INFINITY;
    candidates.highest = candidates.certain ? 0.0f : highest;
    candidates.lowest = candidates.certain ? 0.0f : floatOf(range.lowestKey);
    candidates.temperature = temperature;
    candidates.perTemperature = 1 / temperature;
    candidates.cutKey = 0;
    candidates.cutLast = 0x7fffffff;
    candidates.typical = false;
    // Never used before a filter sets them, but the compiler may read them early.
    candidates.expected = 0;
    candidates.typicalKey = 0;
    candidates.typicalLast = 0x7fffffff;
    return candidates;
}
