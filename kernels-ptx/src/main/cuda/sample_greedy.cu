// sample_greedy: the highest logit of each greedy row, the lowest id among equals; exact.
//
// A logit and its token become one 64-bit number, (key of the logit, complement of the token), whose maximum is the
// answer whatever the order of comparison; NaN has the highest key of all. Several blocks share a row: each puts its
// maximum into the row's state, and the one that finishes last reads the answer and leaves the state zero for the next
// launch.
//
// Layout: logits [row][vocabulary] f32; rows [row] SampleRow; state [row] GreedyState, zero before the first launch;
// tokens, status [row] int32.
// Floor, bytes per row: 4 * vocabulary: memory-bound.
// Geometry: GREEDY_THREADS threads; grid x = parts (SampleGeometry.greedy), grid y = rows.
#pragma once

#include "sample_row.cuh"

constexpr int GREEDY_THREADS = 256;

// 16 bytes.
struct GreedyState {
    unsigned long long best;
    unsigned finished;
    unsigned reserved;
};

__device__ __forceinline__ unsigned long long contender(float logit, int token) {
    unsigned key = isnan(logit) ? 0xffffffffu : keyOf(logit);
    return (unsigned long long)key << 32 | ~(unsigned)token;
}

__device__ __forceinline__ unsigned long long bestOfBlock(unsigned long long best) {
    __shared__ unsigned long long warps[GREEDY_THREADS / 32];
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2) {
        best = max(best, __shfl_xor_sync(0xffffffffu, best, distance));
    }
    if (threadIdx.x % 32 == 0) {
        warps[threadIdx.x / 32] = best;
    }
    __syncthreads();
    for (int warp = 0; warp < GREEDY_THREADS / 32; warp++) {
        best = max(best, warps[warp]);
    }
    return best;
}

// Unpacks the answer.
__device__ __forceinline__ void reportGreedy(unsigned long long best, int* token, int* status) {
    unsigned key = (unsigned)(best >> 32);
    bool noneLeft = key == keyOf(-INFINITY);
    *token = noneLeft ? -1 : (int)~(unsigned)best;
    *status = noneLeft ? STATUS_NO_TOKEN_LEFT : key == 0xffffffffu ? STATUS_NAN_LOGIT : STATUS_CHOSEN;
}

extern "C" __global__ void __launch_bounds__(GREEDY_THREADS)
    sample_greedy(const float* logits, const SampleRow* rows, GreedyState* state, int* tokens, int* status,
                  int vocabulary) {
    int row = blockIdx.y;
    if (rows[row].mode != MODE_GREEDY) {
        return;
    }
    const float* from = logits + (long)row * vocabulary;
    int thread = blockIdx.x * GREEDY_THREADS + threadIdx.x;
    int threads = gridDim.x * GREEDY_THREADS;
    unsigned long long best = 0;
    bool isAligned = (reinterpret_cast<unsigned long long>(from) & 15) == 0;
    int whole = isAligned ? vocabulary / 4 : 0;
    for (int i = thread; i < whole; i += threads) {
        float4 four = reinterpret_cast<const float4*>(from)[i];
        best = max(best, contender(four.x, 4 * i));
        best = max(best, contender(four.y, 4 * i + 1));
        best = max(best, contender(four.z, 4 * i + 2));
        best = max(best, contender(four.w, 4 * i + 3));
    }
    for (int i = 4 * whole + thread; i < vocabulary; i += threads) {
        best = max(best, contender(from[i], i));
    }
    best = bestOfBlock(best);
    if (threadIdx.x != 0) {
        return;
    }
    atomicMax(&state[row].best, best);
    __threadfence();
    if (atomicAdd(&state[row].finished, 1) == gridDim.x - 1) {
        reportGreedy(atomicExch(&state[row].best, 0), &tokens[row], &status[row]);
        state[row].finished = 0;
    }
}
