// Cuts an order of weighted entries where the entries above the cut reach a given weight, without sorting: a histogram
// of weights, then finer ones inside the bin that holds the cut, until one key is left. Among entries with that key the
// lower index goes first.
//
// The first histogram has bins of equal width along the logits, which spreads a row over many bins; bits of the floats
// would put most of a row into a few, and their atomics would queue. The following three take 11, 11 and 10 bits of the
// key.
#pragma once

#include "search.cuh"

constexpr int BINS = 2048;
// Logits further below the highest share the last bin: they weigh nothing at a temperature of 1.
constexpr float BINNED_RANGE = 64;

// Scratch of a block.
struct CutScratch {
    Wide bins[BINS];
    Wide warps[WARPS];
    Wide foundAbove;
    int foundBin;
};

// Where an order is cut: keys above `key` are kept, and of its equals those up to index `last`. Where `all`, nothing is
// cut off.
struct Cut {
    bool all;
    unsigned key;
    int last;
};

// Sorts entries by logit, the highest first, or by closeness to the expected logit, the closest first.
struct Order {
    const Candidates& candidates;
    const bool byCloseness;
    float binsPerNat;

    __device__ __forceinline__ Order(const Candidates& candidates, bool byCloseness)
        : candidates(candidates), byCloseness(byCloseness) {
        float range = byCloseness ? BINNED_RANGE : fminf(candidates.highest - candidates.lowest, BINNED_RANGE);
        binsPerNat = range > 0 ? (BINS - 1) / range : 0.0f;
    }
    __device__ __forceinline__ unsigned key(float logit) const {
        return byCloseness ? ~keyOf(candidates.distance(logit)) : keyOf(logit);
    }
    __device__ __forceinline__ int bin(float logit) const {
        // Equal infinities are no distance apart.
        float rank = byCloseness ? candidates.distance(logit)
            : logit == candidates.highest ? 0.0f
                                          : candidates.highest - logit;
        return (int)fminf(rank * binsPerNat, BINS - 1);
    }
};

__device__ __forceinline__ void clearBins(CutScratch& scratch) {
    __syncthreads();
    for (int bin = threadIdx.x; bin < BINS; bin += SAMPLE_THREADS) {
        scratch.bins[bin] = 0;
    }
    __syncthreads();
}

// Sum of all bins, and of those before the two that belong to this thread.
__device__ __forceinline__ Wide sumBins(CutScratch& scratch, Wide* before) {
    __syncthreads();
    Wide total;
    *before = blockScan(scratch.bins[2 * threadIdx.x] + scratch.bins[2 * threadIdx.x + 1], scratch.warps, &total);
    return total;
}

// The bin in which the sum over the bins from the first on reaches target; target <= total. Adds to *above what lies
// before it.
__device__ __forceinline__ int findBin(CutScratch& scratch, Wide before, Wide target, Wide* above) {
    Wide first = scratch.bins[2 * threadIdx.x];
    Wide second = scratch.bins[2 * threadIdx.x + 1];
    if (before < target && target <= before + first) {
        scratch.foundBin = 2 * threadIdx.x;
        scratch.foundAbove = before;
    } else if (before + first < target && target <= before + first + second) {
        scratch.foundBin = 2 * threadIdx.x + 1;
        scratch.foundAbove = before + first;
    }
    __syncthreads();
    *above += scratch.foundAbove;
    return scratch.foundBin;
}

// Cuts the order at the weight target(total), at least 1. weight(i, logit) gives entries' weights.
template <typename Weight, typename Target>
__device__ __forceinline__ Cut cut(
    const Candidates& candidates, CutScratch& scratch, const Order& order, Weight weight, Target target) {
    clearBins(scratch);
    forEach(candidates, [&](int i, float logit) {
        Wide w = weight(i, logit);
        if (w > 0) {
            atomicAdd(&scratch.bins[order.bin(logit)], w);
        }
    });
    Wide before;
    Wide total = sumBins(scratch, &before);
    Wide wanted = target(total);
    if (wanted >= total) {
        return {true, 0, 0};
    }
    Wide above = 0;
    int chosenBin = findBin(scratch, before, wanted, &above);
    unsigned prefix = 0;
    unsigned known = 0;
    Wide tied = 0;
#pragma unroll 1
    for (int bits = 32; bits > 0;) {
        int width = min(bits, 11);
        bits -= width;
        unsigned highestDigit = (1u << width) - 1;
        clearBins(scratch);
        forEach(candidates, [&](int i, float logit) {
            Wide w = weight(i, logit);
            if (w > 0 && order.bin(logit) == chosenBin) {
                unsigned key = order.key(logit);
                if ((key & known) == prefix) {
                    atomicAdd(&scratch.bins[highestDigit - (key >> bits & highestDigit)], w);
                }
            }
        });
        sumBins(scratch, &before);
        int bin = findBin(scratch, before, wanted - above, &above);
        tied = scratch.bins[bin];
        prefix |= (highestDigit - bin) << bits;
        known |= highestDigit << bits;
    }
    int last = 0x7fffffff;
    if (above + tied > wanted) {
        last = search(
            candidates, scratch.warps,
            [&](int i, float logit) -> Wide { return order.key(logit) == prefix ? weight(i, logit) : 0; },
            [&](Wide) { return wanted - above - 1; });
    }
    return {false, prefix, last};
}

// The weight that the fraction p of the total is, at least 1.
__device__ __forceinline__ Wide fractionOf(Wide total, double p) {
    Wide part = __double2ull_ru(__dmul_rn(p, __ull2double_rn(total)));
    return max(1ull, min(part, total));
}
