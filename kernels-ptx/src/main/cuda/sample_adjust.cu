// sample_adjust: bias, bans and penalties, in place, on the logits they name; sample_restore: puts the logits back, so
// that log-probabilities can be taken of the model's own distribution.
//
// The order is that of dev.pillion.sampling.Sampler: bias, ban, repetition, then frequency and presence. The arithmetic
// is f64 without contraction, rounded to f32 where the host rounds: the adjusted logits are the host's bit for bit. A NaN
// stays NaN, even where it is banned, since the host refuses it before it looks at bans.
//
// The lists are sparse and come from the host, 24 bytes per token that a row's parameters name or its penalties see: a
// table of counts over the vocabulary would have to be carried along with each sequence through preemption.
//
// Layout: logits [row][vocabulary] f32; rows [row] SampleRow; adjustments [...] SampleAdjustment; saved [...] f32, one per
// adjustment.
// Floor, bytes per adjustment: 24 + 32 (one sector read and written for one logit): latency-bound.
// Geometry: ADJUST_THREADS threads, grid x = rows.
#pragma once

#include "sample_row.cuh"

constexpr int ADJUST_THREADS = 256;

__device__ __forceinline__ float adjusted(float logit, const SampleRow& row, const SampleAdjustment& adjustment) {
    if (isnan(logit)) {
        return logit;
    }
    if (adjustment.flags & FLAG_BANNED) {
        return -INFINITY;
    }
    float biased = adjustment.bias == 0 ? logit : __double2float_rn(__dadd_rn(logit, adjustment.bias));
    if ((adjustment.flags & FLAG_SEEN) && row.repetitionPenalty != 1) {
        double penalised =
            biased > 0 ? __ddiv_rn(biased, row.repetitionPenalty) : __dmul_rn(biased, row.repetitionPenalty);
        biased = __double2float_rn(penalised);
    }
    if (adjustment.generated > 0) {
        double sum = __dadd_rn(__dmul_rn(adjustment.generated, row.frequencyPenalty), row.presencePenalty);
        biased = __fsub_rn(biased, __double2float_rn(sum));
    }
    return biased;
}

extern "C" __global__ void __launch_bounds__(ADJUST_THREADS)
    sample_adjust(float* logits, const SampleRow* rows, const SampleAdjustment* adjustments, float* saved,
                  int vocabulary) {
    const SampleRow& row = rows[blockIdx.x];
    if (row.mode == MODE_SKIP) {
        return;
    }
    for (int i = threadIdx.x; i < row.adjustmentCount; i += ADJUST_THREADS) {
        const SampleAdjustment& adjustment = adjustments[row.adjustmentStart + i];
        float* logit = logits + (long)blockIdx.x * vocabulary + adjustment.token;
        float raw = *logit;
        saved[row.adjustmentStart + i] = raw;
        *logit = adjusted(raw, row, adjustment);
    }
}

extern "C" __global__ void __launch_bounds__(ADJUST_THREADS)
    sample_restore(float* logits, const SampleRow* rows, const SampleAdjustment* adjustments, const float* saved,
                   int vocabulary) {
    const SampleRow& row = rows[blockIdx.x];
    if (row.mode == MODE_SKIP) {
        return;
    }
    for (int i = threadIdx.x; i < row.adjustmentCount; i += ADJUST_THREADS) {
        int at = row.adjustmentStart + i;
        logits[(long)blockIdx.x * vocabulary + adjustments[at].token] = saved[at];
    }
}
