// sample_draw: draws one token for each row of mode DRAW: temperature, top-k, top-p, min-p, typical-p and the draw, in
// that order, as dev.pillion.sampling.Sampler does, with the same random number for the same seed and position.
//
// Which tokens top-k and min-p keep is exact. Elsewhere weights are f32
// exponentials, off by up to 2e-7 of the highest weight, where the host's are f64: a row may give another token than
// the host where the random number lies that close to the boundary between two tokens, or the weight that top-p or
// typical-p asks for to a sum of weights. Apart from that a row gives the host's token, and always the same one: sums
// are integers (candidates.cuh).
//
// Layout: logits [row][vocabulary] f32, already adjusted; rows [row] SampleRow; tokens, status [row] int32.
// Floor, bytes per row: 4 * vocabulary from memory, and as much from the level 2 cache for each pass: 3 for a plain
// draw, 4 more for each of top-k, top-p and typical-p; what follows a top-k of up to LISTED tokens reads shared memory.
// Geometry: SAMPLE_THREADS threads, grid x = rows; no dynamic shared memory. vocabulary <= 2^19.
#pragma once

#include "cut.cuh"
#include "load_candidates.cuh"
#include "min_p.cuh"

// The most tokens that are worth a list.
constexpr int LISTED = 512;

struct DrawScratch {
    CutScratch cut;
    Candidates candidates;
    float foundLogits[LISTED];
    int foundIds[LISTED];
    float logits[LISTED];
    int ids[LISTED];
    int found;
};

__device__ __forceinline__ Wide mix(Wide z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

// 53 random bits of the host's CounterRandom at the top of 64, the others zero: u * 2^64.
__device__ __forceinline__ Wide randomBits(Wide seed, int position) {
    return mix(mix(seed) + (position + 1ull) * 0x9E3779B97F4A7C15ull) & ~0x7FFull;
}

// The sum over the block, in an order that depends on nothing.
__device__ __forceinline__ double blockSumOfDoubles(double value, Wide* warps) {
#pragma unroll
    for (int distance = LANES / 2; distance > 0; distance /= 2) {
        value += __shfl_xor_sync(ALL_LANES, value, distance);
    }
    __syncthreads();
    if (threadIdx.x % LANES == 0) {
        warps[threadIdx.x / LANES] = __double_as_longlong(value);
    }
    __syncthreads();
    double sum = __longlong_as_double(warps[threadIdx.x % LANES]);
#pragma unroll
    for (int distance = LANES / 2; distance > 0; distance /= 2) {
        sum += __shfl_xor_sync(ALL_LANES, sum, distance);
    }
    return sum;
}

// Changes what all threads read. The candidates lie in shared memory because in registers they would be spilled.
template <typename Change>
__device__ __forceinline__ void update(Change change) {
    __syncthreads();
    if (threadIdx.x == 0) {
        change();
    }
    __syncthreads();
}

// Puts the tokens that are left into a list in ascending order; there are at most LISTED.
__device__ __forceinline__ void list(DrawScratch& scratch) {
    Candidates& candidates = scratch.candidates;
    update([&] { scratch.found = 0; });
    forEach(candidates, [&](int i, float logit) {
        unsigned key = keyOf(logit);
        if (key > candidates.cutKey || (key == candidates.cutKey && i <= candidates.cutLast)) {
            int slot = atomicAdd(&scratch.found, 1);
            scratch.foundLogits[slot] = logit;
            scratch.foundIds[slot] = i;
        }
    });
    __syncthreads();
    int count = scratch.found;
    for (int i = threadIdx.x; i < count; i += SAMPLE_THREADS) {
        int id = scratch.foundIds[i];
        int rank = 0;
        for (int j = 0; j < count; j++) {
            rank += scratch.foundIds[j] < id;
        }
        scratch.ids[rank] = id;
        scratch.logits[rank] = scratch.foundLogits[i];
    }
    update([&] {
        candidates.logits = scratch.logits;
        candidates.ids = scratch.ids;
        candidates.count = count;
        candidates.certain = false;
        candidates.cutKey = 0;
        candidates.cutLast = 0x7fffffff;
    });
}

// The logit that the distribution makes expect, as a distance from the highest in units of the temperature.
__device__ __forceinline__ double expectedLogit(const Candidates& candidates, Wide* warps) {
    double sum = 0;
    double weighted = 0;
    forEach(candidates, [&](int i, float logit) {
        Wide w = candidates.weight(i, logit);
        if (w > 0) {
            sum += __ull2double_rn(w);
            weighted += __ull2double_rn(w) * candidates.scaled(logit);
        }
    });
    sum = blockSumOfDoubles(sum, warps);
    return blockSumOfDoubles(weighted, warps) / sum;
}

enum Filter { TOP_K, TOP_P, TYPICAL_P, FILTERS };

__device__ __forceinline__ bool isOn(const SampleRow& row, int filter) {
    return filter == TOP_K ? row.topK > 0 : filter == TOP_P ? row.topP < 1 : row.typicalP < 1;
}

__device__ __forceinline__ void keepMinP(Candidates& candidates, double p) {
    unsigned key = lowestKeyOfMinP(candidates, p);
    if (key > candidates.cutKey) {
        update([&] {
            candidates.cutKey = key;
            candidates.cutLast = 0x7fffffff;
        });
    }
}

// Runs the filters that cut an order; min-p, which needs none, goes before the last. One loop, so that their common
// code is there once.
__device__ __forceinline__ void filter(const SampleRow& row, DrawScratch& scratch) {
    Candidates& candidates = scratch.candidates;
#pragma unroll 1
    for (int filter = TOP_K; filter < FILTERS; filter++) {
        if (filter == TYPICAL_P && row.minP > 0) {
            keepMinP(candidates, row.minP);
        }
        if (!isOn(row, filter)) {
            continue;
        }
        if (filter == TYPICAL_P) {
            // Meister et al. 2023, Locally Typical Sampling.
            double expected = expectedLogit(candidates, scratch.cut.warps);
            update([&] { candidates.expected = expected; });
        }
        bool counts = filter == TOP_K;
        Cut kept = cut(
            candidates, scratch.cut, Order(candidates, filter == TYPICAL_P),
            [&](int i, float logit) -> Wide { return counts ? logit > -INFINITY : candidates.weight(i, logit); },
            [&](Wide total) -> Wide {
                return counts ? row.topK : fractionOf(total, filter == TOP_P ? row.topP : row.typicalP);
            });
        if (kept.all) {
            continue;
        }
        update([&] {
            if (filter == TYPICAL_P) {
                candidates.typical = true;
                candidates.typicalKey = kept.key;
                candidates.typicalLast = kept.last;
            } else {
                candidates.cutKey = kept.key;
                candidates.cutLast = kept.last;
            }
        });
        if (counts && row.topK <= LISTED) {
            list(scratch);
        }
    }
}

extern "C" __global__ void __launch_bounds__(SAMPLE_THREADS, 1)
    sample_draw(const float* logits, const SampleRow* rows, int* tokens, int* status, int vocabulary) {
    __shared__ DrawScratch scratch;
    const SampleRow& row = rows[blockIdx.x];
    if (row.mode != MODE_DRAW) {
        return;
    }
    const float* from = logits + (long)blockIdx.x * vocabulary;
    RowRange range = rangeOf(from, vocabulary, scratch.cut.warps);
    int outcome = statusOf(range);
    int token = outcome == STATUS_NAN_LOGIT ? (int)range.firstNan : -1;
    if (outcome == STATUS_CHOSEN) {
        Candidates& candidates = scratch.candidates;
        update([&] { candidates = candidatesOf(from, vocabulary, range, row.temperature); });
        filter(row, scratch);
        int drawn = search(
            candidates, scratch.cut.warps, [&](int i, float logit) { return candidates.weight(i, logit); },
            [&](Wide total) { return __umul64hi(total, randomBits(row.seed, row.position)); });
        token = candidates.token(drawn);
    }
    if (threadIdx.x == 0) {
        tokens[blockIdx.x] = token;
        status[blockIdx.x] = outcome;
    }
}
