// How weight matrices lie in device memory, and plain readers of them.
//
// A matrix has R rows (outputs) and C columns (inputs); C is a multiple of the type's BLOCK. Element e = row * C +
// column.
//   f32, f16, bf16  row-major numbers
//   q4_k            GGUF blocks of 256 elements, 144 bytes: half d, half dmin, 12 bytes of 6-bit scales and minima,
//                   128 of nibbles
//   q5_k            GGUF blocks of 256 elements, 176 bytes: half d, half dmin, 12 bytes of scales and minima, 32 of
//                   fifth bits, 128 of nibbles
//   q8_0            main plane: one int8 per element; scale plane: one half per 32 elements
//   q4_0            main plane: 16 bytes per 32 elements (byte i: element i low, 16 + i high); scale plane as q8_0
//   q6_k            main plane: 208 bytes per 256 elements: 128 of low nibbles, 64 of high pairs, 16 int8 scales;
//                   scale plane: one half d per 256
// GGUF's own q8_0, q4_0 and q6_k blocks are 34, 18 and 210 bytes long; with the halves in a plane of their own every
// block starts at a multiple of 16 bytes and a warp reads whole 16-byte vectors.
//
// Each type offers
//   BLOCK                                     elements that share a stored block
//   load8(main, scale, e, float v[8])         elements e to e + 7; e is a multiple of 8; the planes are 16-byte aligned
//   load1(main, scale, e)                     element e
// Values are what GGUF defines, computed in f32 without contraction, so they equal the Java decoder's bit for bit.
#pragma once
#include "types.cuh"

// scale * q - minimum with both roundings: a fused multiply-add would differ from the decoder in the last bit.
static __device__ __forceinline__ float lessMinimum(float scale, float q, float minimum) {
    return __fsub_rn(__fmul_rn(scale, q), minimum);
}

template <typename Plain>
struct PlainWeight {
    static constexpr int BLOCK = 1;
    using Storage = typename Plain::Storage;
    static __device__ __forceinline__ float load1(const void* main, const unsigned short*, long e) {
        return Plain::toFloat(((const Storage*)main)[e]);
    }
    static __device__ __forceinline__ void load8(const void* main, const unsigned short*, long e, float* v) {
        uint4 bits[sizeof(Storage) / 2];
        Storage values[8];
#pragma unroll
        for (int i = 0; i < (int)sizeof(Storage) / 2; i++) {
            bits[i] = ((const uint4*)((const Storage*)main + e))[i];
        }
        memcpy(values, bits, sizeof(values));
#pragma unroll
        for (int i = 0; i < 8; i++) {
            v[i] = Plain::toFloat(values[i]);
        }
    }
};

template <typename W>
struct Weight;
template <>
struct Weight<f32> : PlainWeight<f32> {};
template <>
struct Weight<f16> : PlainWeight<f16> {};
template <>
struct Weight<bf16> : PlainWeight<bf16> {};

struct q8_0 {};
struct q4_0 {};
struct q4_k {};
struct q5_k {};
struct q6_k {};

// Eight bytes, one per element, signed or not.
static __device__ __forceinline__ int byteOf(uint2 bytes, int i) {
    return ((i < 4 ? bytes.x : bytes.y) >> (8 * (i & 3))) & 0xFF;
}
static __device__ __forceinline__ int signedByteOf(uint2 bytes, int i) {
    return (int)(signed char)byteOf(bytes, i);
}

// load1 by way of load8, for types whose elements are not addressable.
template <typename W>
static __device__ __forceinline__ float one(const void* main, const unsigned short* scale, long e) {
    float v[8];
    Weight<W>::load8(main, scale, e & ~7L, v);
    float result = v[0];
#pragma unroll
    for (int i = 1; i < 8; i++) {
        result = (int)(e & 7) == i ? v[i] : result;
    }
    return result;
}

template <>
struct Weight<q8_0> {
    static constexpr int BLOCK = 32;
    static __device__ __forceinline__ void load8(const void* main, const unsigned short* scale, long e, float* v) {
        uint2 q = *(const uint2*)((const char*)main + e);
        float d = halfBits(scale[e / 32]);
#pragma unroll
        for (int i = 0; i < 8; i++) {
            v[i] = __fmul_rn(d, (float)signedByteOf(q, i));
        }
    }
    static __device__ __forceinline__ float load1(const void* main, const unsigned short* scale, long e) {
        return __fmul_rn(halfBits(scale[e / 32]), (float)((const signed char*)main)[e]);
    }
};

template <>
struct Weight<q4_0> {
    static constexpr int BLOCK = 32;
    static __device__ __forceinline__ void load8(const void* main, const unsigned short* scale, long e, float* v) {
        int within = (int)(e & 31);
        uint2 q = *(const uint2*)((const char*)main + e / 32 * 16 + (within & 15));
        float d = halfBits(scale[e / 32]);
#pragma unroll
        for (int i = 0; i < 8; i++) {
            v[i] = __fmul_rn(d, (float)((byteOf(q, i) >> (within < 16 ? 0 : 4) & 0xF) - 8));
        }
    }
    static __device__ __forceinline__ float load1(const void* main, const unsigned short* scale, long e) {
        return one<q4_0>(main, scale, e);
    }
};

// The head of a q4_k or q5_k block: the scale and the minimum of sub-block `sub` (0 to 7), from the 16 bytes
// {d, dmin | scale bytes 0-3 | 4-7 | 8-11}. Sub-blocks 0 to 3 have six bits in one byte; the others keep their low
// nibbles in bytes 8 to 11 and their top pairs above the first ones.
static __device__ __forceinline__ void subScale(uint4 head, int sub, float* scale, float* minimum) {
    int shift = 8 * (sub & 3);
    unsigned int s = head.y >> shift;
    unsigned int m = head.z >> shift;
    unsigned int low = head.w >> shift;
    int sixBitScale = sub < 4 ? s & 0x3F : (low & 0xF) | (s >> 2 & 0x30);
    int sixBitMinimum = sub < 4 ? m & 0x3F : (low >> 4 & 0xF) | (m >> 2 & 0x30);
    *scale = __fmul_rn(halfBits(head.x & 0xFFFF), (float)sixBitScale);
    *minimum = __fmul_rn(halfBits(head.x >> 16), (float)sixBitMinimum);
}

template <>
struct Weight<q4_k> {
    static constexpr int BLOCK = 256;
    static __device__ __forceinline__ void load8(const void* main, const unsigned short*, long e, float* v) {
        const char* block = (const char*)main + e / 256 * 144;
        int sub = (int)(e >> 5 & 7);
        float scale, minimum;
        subScale(*(const uint4*)block, sub, &scale, &minimum);
        uint2 q = *(const uint2*)(block + 16 + 32 * (sub >> 1) + (e & 31));
#pragma unroll
        for (int i = 0; i < 8; i++) {
            v[i] = lessMinimum(scale, (float)(byteOf(q, i) >> 4 * (sub & 1) & 0xF), minimum);
        }
    }
    static __device__ __forceinline__ float load1(const void* main, const unsigned short* scale, long e) {
        return one<q4_k>(main, scale, e);
    }
};

template <>
struct Weight<q5_k> {
    static constexpr int BLOCK = 256;
    static __device__ __forceinline__ void load8(const void* main, const unsigned short*, long e, float* v) {
        const char* block = (const char*)main + e / 256 * 176;
        int sub = (int)(e >> 5 & 7);
        float scale, minimum;
        subScale(*(const uint4*)block, sub, &scale, &minimum);
        uint2 fifth = *(const uint2*)(block + 16 + (e & 31));
        uint2 q = *(const uint2*)(block + 48 + 32 * (sub >> 1) + (e & 31));
#pragma unroll
        for (int i = 0; i < 8; i++) {
            int level = (byteOf(q, i) >> 4 * (sub & 1) & 0xF) | (byteOf(fifth, i) >> sub & 1) << 4;
            v[i] = lessMinimum(scale, (float)level, minimum);
        }
    }
    static __device__ __forceinline__ float load1(const void* main, const unsigned short* scale, long e) {
        return one<q5_k>(main, scale, e);
    }
};

template <>
struct Weight<q6_k> {
    static constexpr int BLOCK = 256;
    static __device__ __forceinline__ void load8(const void* main, const unsigned short* scale, long e, float* v) {
        const char* block = (const char*)main + e / 256 * 208;
        int half = (int)(e >> 7 & 1);
        int quarter = (int)(e >> 5 & 3);
        int within = (int)(e & 31);
        uint2 low = *(const uint2*)(block + 64 * half + 32 * (quarter & 1) + within);
        uint2 high = *(const uint2*)(block + 128 + 32 * half + within);
        float d = __fmul_rn(halfBits(scale[e / 256]), (float)((const signed char*)block)[192 + (e >> 4 & 15)]);
#pragma unroll
        for (int i = 0; i < 8; i++) {
            int level = (byteOf(low, i) >> 4 * (quarter >> 1) & 0xF) | (byteOf(high, i) >> 2 * quarter & 3) << 4;
            v[i] = __fmul_rn(d, (float)(level - 32));
        }
    }
    static __device__ __forceinline__ float load1(const void* main, const unsigned short* scale, long e) {
        return one<q6_k>(main, scale, e);
    }
};
