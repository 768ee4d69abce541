// Elements of activations: the compute type of a module, -DTYPE=f32, f16 or bf16, and how its kernels read and write
// them.
//
// Memory is touched in chunks of 16 bytes, the widest access of a thread: CHUNK elements. A chunk that is not whole, or
// not aligned because the rows before it have an odd length, is read and written element by element.
#pragma once

#include "types.cuh"

// An activation in memory.
using T = TYPE::Storage;

// Elements of 16 bytes.
constexpr int CHUNK = 16 / sizeof(T);

// The value as it reads back after it was stored.
__device__ __forceinline__ float rounded(float value) {
    return TYPE::toFloat(TYPE::fromFloat(value));
}

// 16 bytes as elements.
union Packed {
    uint4 bits;
    T elements[CHUNK];
    __device__ __forceinline__ Packed() {}
};

__device__ __forceinline__ bool isAligned(const void* address) {
    return (reinterpret_cast<unsigned long long>(address) & 15) == 0;
}

// Reads CHUNK elements, of which `available` are there (any number, also more than CHUNK); the others read as zero.
__device__ __forceinline__ void readChunk(const T* from, long available, float (&values)[CHUNK]) {
    if (available >= CHUNK && isAligned(from)) {
        Packed packed;
        packed.bits = *reinterpret_cast<const uint4*>(from);
#pragma unroll
        for (int i = 0; i < CHUNK; i++) {
            values[i] = TYPE::toFloat(packed.elements[i]);
        }
    } else {
#pragma unroll
        for (int i = 0; i < CHUNK; i++) {
            values[i] = i < available ? TYPE::toFloat(from[i]) : 0.0f;
        }
    }
}

// Writes CHUNK elements, of which `available` have a place.
__device__ __forceinline__ void writeChunk(T* to, long available, const float (&values)[CHUNK]) {
    if (available >= CHUNK && isAligned(to)) {
        Packed packed;
#pragma unroll
        for (int i = 0; i < CHUNK; i++) {
            packed.elements[i] = TYPE::fromFloat(values[i]);
        }
        *reinterpret_cast<uint4*>(to) = packed.bits;
    } else {
#pragma unroll
        for (int i = 0; i < CHUNK; i++) {
            if (i < available) {
                to[i] = TYPE::fromFloat(values[i]);
            }
        }
    }
}

// Reads CHUNK floats of a vector that starts at an aligned address, from a multiple of CHUNK on.
__device__ __forceinline__ void readFloats(const float* from, long available, float (&values)[CHUNK]) {
    if (available >= CHUNK) {
#pragma unroll
        for (int i = 0; i < CHUNK; i += 4) {
            float4 four = *reinterpret_cast<const float4*>(from + i);
            values[i] = four.x;
            values[i + 1] = four.y;
            values[i + 2] = four.z;
            values[i + 3] = four.w;
        }
    } else {
#pragma unroll
        for (int i = 0; i < CHUNK; i++) {
            values[i] = i < available ? from[i] : 0.0f;
        }
    }
}
