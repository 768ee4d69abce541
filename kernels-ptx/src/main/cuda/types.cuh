// Number types of activations and of plain weights. The structs carry the names that kernels and modules are called
// by, so that a build of -DTYPE=bf16 -DWEIGHT=q4_k both selects the code and names the entry points.
//
// Arithmetic is in f32 everywhere; a type only says how a number is stored and how it is rounded (to nearest, ties to
// even).
#pragma once
#include <cuda_bf16.h>
#include <cuda_fp16.h>

struct f32 {
    using Storage = float;
    static __device__ __forceinline__ float toFloat(float v) { return v; }
    static __device__ __forceinline__ float fromFloat(float v) { return v; }
};

struct f16 {
    using Storage = __half;
    static __device__ __forceinline__ float toFloat(__half v) { return __half2float(v); }
    static __device__ __forceinline__ __half fromFloat(float v) { return __float2half_rn(v); }
};

struct bf16 {
    using Storage = __nv_bfloat16;
    static __device__ __forceinline__ float toFloat(__nv_bfloat16 v) { return __bfloat162float(v); }
    static __device__ __forceinline__ __nv_bfloat16 fromFloat(float v) { return __float2bfloat16_rn(v); }
};

template <typename A, typename B>
struct Same {
    static constexpr bool VALUE = false;
};
template <typename A>
struct Same<A, A> {
    static constexpr bool VALUE = true;
};

// NAME(gemv) of a build with WEIGHT=q4_k and TYPE=bf16 is gemv_q4_k_bf16; TYPED(rms_norm) is rms_norm_bf16.
#define JOIN3_(a, b, c) a##_##b##_##c
#define JOIN3(a, b, c) JOIN3_(a, b, c)
#define JOIN2_(a, b) a##_##b
#define JOIN2(a, b) JOIN2_(a, b)
#define NAME(op) JOIN3(op, WEIGHT, TYPE)
#define TYPED(op) JOIN2(op, TYPE)
#define KERNEL extern "C" __global__ void

static __device__ __forceinline__ float halfBits(unsigned int bits) {
    return __half2float(__ushort_as_half((unsigned short)bits));
}
