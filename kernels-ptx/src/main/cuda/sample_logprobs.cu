// sample_logprobs: natural logarithms of the probabilities of the chosen token and of the most likely ones, of the
// model's own distribution: before bias, bans, penalties, temperature and filters. For each row that asks for them and
// whose token was chosen; runs after the choice, on logits that were restored.
//
// Layout: logits [row][vocabulary] f32; rows [row] SampleRow; tokens, status [row] int32 as the choice left them; out
// [row] SampleLogprobs, the most likely token first, the lower id first among equals.
// Error: the sum of exponentials is that of candidates.cuh, off by up to 2e-7 of itself.
// Floor, bytes per row: 4 * vocabulary from memory, and 5 times as much from the level 2 cache.
// Geometry: SAMPLE_THREADS threads, grid x = rows; no dynamic shared memory. vocabulary <= 2^19.
#pragma once

#include "cut.cuh"
#include "load_candidates.cuh"

struct LogprobScratch {
    CutScratch cut;
    int found;
    int tokens[MAX_LOGPROBS];
    float logits[MAX_LOGPROBS];
};

// The logarithm of a token's probability, from its logit.
__device__ __forceinline__ double logprob(float logit, float highest, double logSum) {
    return (logit == highest ? 0.0 : (double)logit - highest) - logSum;
}

// The logarithm of the sum of e^(logit - highest).
__device__ __forceinline__ double logSumOf(const Candidates& candidates, CutScratch& scratch) {
    Wide sum = 0;
    forEach(candidates, [&](int i, float logit) { sum += candidates.weight(i, logit); });
    Wide total;
    blockScan(sum, scratch.warps, &total);
    return log(__ull2double_rn(total) / WEIGHT_OF_HIGHEST);
}

// Gathers the `top` highest logits, in no order.
__device__ __forceinline__ void gatherTop(const Candidates& raw, int top, LogprobScratch& scratch) {
    Cut highest = cut(
        raw, scratch.cut, Order(raw, false), [](int, float) -> Wide { return 1; }, [&](Wide) -> Wide { return top; });
    if (threadIdx.x == 0) {
        scratch.found = 0;
    }
    __syncthreads();
    forEach(raw, [&](int i, float logit) {
        unsigned key = keyOf(logit);
        if (highest.all || key > highest.key || (key == highest.key && i <= highest.last)) {
            int slot = atomicAdd(&scratch.found, 1);
            scratch.tokens[slot] = i;
            scratch.logits[slot] = logit;
        }
    });
    __syncthreads();
}

extern "C" __global__ void __launch_bounds__(SAMPLE_THREADS, 1)
    sample_logprobs(const float* logits, const SampleRow* rows, const int* tokens, const int* status,
                    SampleLogprobs* out, int vocabulary) {
    __shared__ LogprobScratch scratch;
    const SampleRow& row = rows[blockIdx.x];
    if (row.mode == MODE_SKIP || row.logprobs < 0 || status[blockIdx.x] != STATUS_CHOSEN) {
        return;
    }
    const float* from = logits + (long)blockIdx.x * vocabulary;
    RowRange range = rangeOf(from, vocabulary, scratch.cut.warps);
    Candidates candidates = candidatesOf(from, vocabulary, range, 1);
    double logSum = logSumOf(candidates, scratch.cut);
    // The order is that of the logits as they are, +infinity and -infinity among them.
    candidates.certain = false;
    candidates.highest = floatOf(range.highestKey);
    candidates.lowest = -INFINITY;
    SampleLogprobs& result = out[blockIdx.x];
    int top = min(row.logprobs, vocabulary);
    if (top > 0) {
        gatherTop(candidates, top, scratch);
        int i = threadIdx.x;
        if (i < top) {
            unsigned key = keyOf(scratch.logits[i]);
            int rank = 0;
            for (int j = 0; j < top; j++) {
                unsigned other = keyOf(scratch.logits[j]);
                rank += other > key || (other == key && scratch.tokens[j] < scratch.tokens[i]);
            }
            result.tokens[rank] = scratch.tokens[i];
            result.logprobs[rank] = logprob(scratch.logits[i], candidates.highest, logSum);
        }
    }
    if (threadIdx.x == 0) {
        result.chosen = logprob(from[tokens[blockIdx.x]], candidates.highest, logSum);
        result.count = top;
    }
}
