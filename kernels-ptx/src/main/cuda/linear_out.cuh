// Where a product goes: rounded to the compute type, or as f32 (logits).
#pragma once
#include "types.cuh"

template <typename T>
static __device__ __forceinline__ void storeNumber(typename T::Storage* out, long at, float value) {
    out[at] = T::fromFloat(value);
}

template <typename T, typename Float>
static __device__ __forceinline__ void storeNumber(Float* out, long at, float value) {
    static_assert(sizeof(Float) == 4, "f32 output");
    out[at] = value;
}

// Two neighbours at once; `at` is even.
template <typename T>
static __device__ __forceinline__ void storePair(typename T::Storage* out, long at, float low, float high) {
    typename T::Storage pair[2] = {T::fromFloat(low), T::fromFloat(high)};
    unsigned int bits;
    memcpy(&bits, pair, sizeof(bits));
    *(unsigned int*)(out + at) = bits;
}

template <typename T, typename Float>
static __device__ __forceinline__ void storePair(Float* out, long at, float low, float high) {
    static_assert(sizeof(Float) == 4, "f32 output");
    *(float2*)(out + at) = make_float2(low, high);
}
