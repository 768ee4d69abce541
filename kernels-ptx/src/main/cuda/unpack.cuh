// Packed weights as activations: eight elements at a time.
#pragma once

#include "element.cuh"
#include "weights.cuh"

constexpr int UNPACKED = 8;

// Elements e to e + 7 of a weight, of which `available` are wanted, to `out`. Rows of packed weights are whole blocks, so
// that only numbers in plain types can begin at an odd place or be fewer than eight.
template <typename W>
__device__ __forceinline__ void unpack(const void* main, const unsigned short* scale, long e, long available, T* out) {
    float values[UNPACKED];
    if (Weight<W>::BLOCK > 1 || (available >= UNPACKED && e % UNPACKED == 0)) {
        Weight<W>::load8(main, scale, e, values);
    } else {
#pragma unroll
        for (int i = 0; i < UNPACKED; i++) {
            values[i] = i < available ? Weight<W>::load1(main, scale, e + i) : 0.0f;
        }
    }
#pragma unroll
    for (int half = 0; half < UNPACKED; half += CHUNK) {
        float chunk[CHUNK];
#pragma unroll
        for (int i = 0; i < CHUNK; i++) {
            chunk[i] = values[half + i];
        }
        writeChunk(out + half, available - half, chunk);
    }
}

// One line per weight type.
#define FOR_EACH_WEIGHT(define) \
    define(f32) define(f16) define(bf16) define(q8_0) define(q4_0) define(q4_k) define(q5_k) define(q6_k)
