// Reductions and scans over the threads of a block of SAMPLE_THREADS. Integers only: their sums do not depend on the
// order, so that the same row gives the same token in every run.
#pragma once

constexpr int SAMPLE_THREADS = 1024;
constexpr int LANES = 32;
constexpr int WARPS = SAMPLE_THREADS / LANES;
constexpr unsigned ALL_LANES = 0xffffffffu;

using Wide = unsigned long long;

// The sum of the values of this lane and of the lower ones.
__device__ __forceinline__ Wide warpScan(Wide value) {
    int lane = threadIdx.x % LANES;
#pragma unroll
    for (int distance = 1; distance < LANES; distance *= 2) {
        Wide lower = __shfl_up_sync(ALL_LANES, value, distance);
        value += lane >= distance ? lower : 0;
    }
    return value;
}

// The sum over a warp, in every lane.
__device__ __forceinline__ Wide warpTotal(Wide value) {
#pragma unroll
    for (int distance = LANES / 2; distance > 0; distance /= 2) {
        value += __shfl_xor_sync(ALL_LANES, value, distance);
    }
    return value;
}

__device__ __forceinline__ unsigned warpMax(unsigned value) {
#pragma unroll
    for (int distance = LANES / 2; distance > 0; distance /= 2) {
        value = max(value, __shfl_xor_sync(ALL_LANES, value, distance));
    }
    return value;
}

// The largest value of the block, in every thread. `warps` is scratch; it is free again after the next barrier.
__device__ __forceinline__ unsigned blockMax(unsigned value, Wide* warps) {
    value = warpMax(value);
    __syncthreads();
    if (threadIdx.x % LANES == 0) {
        warps[threadIdx.x / LANES] = value;
    }
    __syncthreads();
    return warpMax((unsigned)warps[threadIdx.x % LANES]);
}

// The sum over the threads before this one; *total gets the sum over all.
__device__ __forceinline__ Wide blockScan(Wide value, Wide* warps, Wide* total) {
    Wide through = warpScan(value);
    __syncthreads();
    if (threadIdx.x % LANES == LANES - 1) {
        warps[threadIdx.x / LANES] = through;
    }
    __syncthreads();
    Wide warpsThrough = warpScan(warps[threadIdx.x % LANES]);
    *total = __shfl_sync(ALL_LANES, warpsThrough, LANES - 1);
    int warp = threadIdx.x / LANES;
    Wide before = __shfl_sync(ALL_LANES, warpsThrough, warp == 0 ? 0 : warp - 1);
    return (warp == 0 ? 0 : before) + through - value;
}
