// Where min-p cuts: the lowest logit whose weight, computed as the host computes it, is at least p.
#pragma once

#include "candidates.cuh"

// e^x in f64, x <= 0, made of the additions and multiplications of the host's NegativeExp in the same order, so that it
// has the same bits: x = k ln 2 + r, Taylor series of e^r.
__device__ __forceinline__ double negativeExp(double x) {
    if (x < -708) {
        return 0;
    }
    double k = rint(__dmul_rn(x, 1.4426950408889634));
    double r = __dsub_rn(__dsub_rn(x, __dmul_rn(k, 0x1.62e42feep-1)), __dmul_rn(k, 0x1.a39ef35793c76p-33));
    double series = 1.0 / 6227020800.0;
    series = __dadd_rn(__dmul_rn(series, r), 1.0 / 479001600.0);
    series = __dadd_rn(__dmul_rn(series, r), 1.0 / 39916800.0);
    series = __dadd_rn(__dmul_rn(series, r), 1.0 / 3628800.0);
    series = __dadd_rn(__dmul_rn(series, r), 1.0 / 362880.0);
    series = __dadd_rn(__dmul_rn(series, r), 1.0 / 40320.0);
    series = __dadd_rn(__dmul_rn(series, r), 1.0 / 5040.0);
    series = __dadd_rn(__dmul_rn(series, r), 1.0 / 720.0);
    series = __dadd_rn(__dmul_rn(series, r), 1.0 / 120.0);
    series = __dadd_rn(__dmul_rn(series, r), 1.0 / 24.0);
    series = __dadd_rn(__dmul_rn(series, r), 1.0 / 6.0);
    series = __dadd_rn(__dmul_rn(series, r), 0.5);
    series = __dadd_rn(__dmul_rn(series, r), 1.0);
    series = __dadd_rn(__dmul_rn(series, r), 1.0);
    return __dmul_rn(series, __longlong_as_double(((long long)k + 1023) << 52));
}

// The lowest key that min-p keeps, p > 0. All lanes of a warp come with the same arguments; the key lies between two
// others, one kept and one not, that close in on it by a factor of 32 each time.
__device__ __forceinline__ unsigned lowestKeyOfMinP(const Candidates& candidates, double p) {
    int lane = threadIdx.x % LANES;
    unsigned out = keyOf(-INFINITY);
    unsigned kept = keyOf(candidates.highest);
    while (kept - out > 1) {
        unsigned step = (kept - out + LANES - 1) / LANES;
        unsigned key = min(out + (lane + 1) * step, kept);
        double scaled = __ddiv_rn(__dsub_rn(floatOf(key), candidates.highest), candidates.temperature);
        unsigned passing = __ballot_sync(ALL_LANES, negativeExp(scaled) >= p);
        int first = __ffs(passing) - 1;
        kept = __shfl_sync(ALL_LANES, key, first);
        out += first * step;
    }
    return kept;
}
