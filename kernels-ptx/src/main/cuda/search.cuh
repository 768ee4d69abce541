// Finds the entry at which a running sum of weights, in index order, passes a target: 32 warps sum a part each, the part
// that holds the target is divided again, until one warp's lanes can hold the rest.
#pragma once

#include "candidates.cuh"

// Entries that a warp looks at in the last step.
constexpr int LAST_STEP = 4 * LANES;

// The first index whose running sum exceeds target(total).
template <typename Weight, typename Target>
__device__ __forceinline__ int search(const Candidates& candidates, Wide* warps, Weight weight, Target target) {
    int lane = threadIdx.x % LANES;
    int warp = threadIdx.x / LANES;
    int from = 0;
    int end = candidates.count;
    Wide wanted = 0;
    for (bool first = true; first || end - from > LAST_STEP; first = false) {
        int part = (end - from + WARPS - 1) / WARPS;
        int partEnd = min(from + (warp + 1) * part, end);
        Wide sum = 0;
#pragma unroll 4
        for (int i = from + warp * part + lane; i < partEnd; i += LANES) {
            sum += weight(i, candidates.effective(candidates.logits[i]));
        }
        sum = warpTotal(sum);
        __syncthreads();
        if (lane == 0) {
            warps[warp] = sum;
        }
        __syncthreads();
        Wide through = warpScan(warps[lane]);
        if (first) {
            wanted = target(__shfl_sync(ALL_LANES, through, LANES - 1));
        }
        unsigned past = __ballot_sync(ALL_LANES, through > wanted);
        int chosen = past ? __ffs(past) - 1 : WARPS - 1;
        wanted -= __shfl_sync(ALL_LANES, through - warps[lane], chosen);
        end = min(from + (chosen + 1) * part, end);
        from += chosen * part;
    }
    // Every warp does the same and comes to the same answer.
    int share = (end - from + LANES - 1) / LANES;
    int shareFrom = from + lane * share;
    int shareEnd = min(shareFrom + share, end);
    Wide sum = 0;
    for (int i = shareFrom; i < shareEnd; i++) {
        sum += weight(i, candidates.effective(candidates.logits[i]));
    }
    Wide through = warpScan(sum);
    unsigned past = __ballot_sync(ALL_LANES, through > wanted);
    int chosen = past ? __ffs(past) - 1 : LANES - 1;
    Wide left = wanted - (through - sum);
    int found = shareFrom;
    if (lane == chosen) {
        Wide running = 0;
        for (int i = shareFrom; i < shareEnd; i++) {
            running += weight(i, candidates.effective(candidates.logits[i]));
            found = i;
            if (running > left) {
                break;
            }
        }
    }
    return __shfl_sync(ALL_LANES, found, chosen);
}
