// Tensor-core and asynchronous-copy instructions of sm_80, one function each (PTX ISA 9.7: mma, ldmatrix, cp.async),
// and exact small integers as pairs of 16-bit floats.
#pragma once
#include "types.cuh"

static __device__ __forceinline__ unsigned int sharedAddress(const void* pointer) {
    return (unsigned int)__cvta_generic_to_shared(pointer);
}

// Copies 16 bytes to shared memory without passing through registers; bytes past `valid` (0 to 16) are zeroed, not
// read.
static __device__ __forceinline__ void copyAsync16(unsigned int shared, const void* global, int valid) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared), "l"(global), "r"(valid) : "memory");
}

// Likewise 4 bytes.
static __device__ __forceinline__ void copyAsync4(unsigned int shared, const void* global, int valid) {
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(shared), "l"(global), "r"(valid) : "memory");
}

// Closes a group of this thread's copies.
static __device__ __forceinline__ void commitCopies() {
    asm volatile("cp.async.commit_group;" ::: "memory");
}

// Waits until at most PENDING of this thread's newest groups are under way.
template <int PENDING>
static __device__ __forceinline__ void awaitCopies() {
    asm volatile("cp.async.wait_group %0;" ::"n"(PENDING) : "memory");
}

// Four 8x8 matrices of 16-bit numbers; lane i gives the address of row i % 8 of matrix i / 8.
static __device__ __forceinline__ void loadMatrices(unsigned int shared, unsigned int (&r)[4]) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(shared)
                 : "memory");
}

template <typename T>
struct Tensor;

template <>
struct Tensor<f16> {
    static constexpr unsigned int ONES = 0x3C003C00u;

    // c (16x8, f32) += a (16x16) * b (16x8).
    static __device__ __forceinline__ void multiply(float (&c)[4], const unsigned int (&a)[4], uint2 b) {
        asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
            "{%0, %1, %2, %3};"
            : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
            : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b.x), "r"(b.y));
    }

    static __device__ __forceinline__ unsigned int pack(float low, float high) {
        __half2 pair = __floats2half2_rn(low, high);
        return *(unsigned int*)&pair;
    }

    // Bytes 0 to 255 plus OFFSET: 0x6400 + u is 1024 + u.
    static constexpr float OFFSET = 1024;
    static __device__ __forceinline__ uint2 offsetIntegers(unsigned int bytes) {
        return make_uint2(__byte_perm(bytes, 0x64646464u, 0x4140), __byte_perm(bytes, 0x64646464u, 0x4342));
    }

    // Bytes 0 to 255 less BIAS, exactly.
    template <int BIAS>
    static __device__ __forceinline__ uint2 integers(unsigned int bytes) {
        const __half2 bias = __half2half2(__ushort_as_half((unsigned short)(0x6400 + BIAS)));
        uint2 offset = offsetIntegers(bytes);
        __half2 first = __hsub2(*(__half2*)&offset.x, bias);
        __half2 second = __hsub2(*(__half2*)&offset.y, bias);
        return make_uint2(*(unsigned int*)&first, *(unsigned int*)&second);
    }

    // Signed bytes, exactly.
    static __device__ __forceinline__ uint2 signedIntegers(unsigned int bytes) {
        return integers<128>(bytes ^ 0x80808080u);
    }
};

template <>
struct Tensor<bf16> {
    static constexpr unsigned int ONES = 0x3F803F80u;

    static __device__ __forceinline__ void multiply(float (&c)[4], const unsigned int (&a)[4], uint2 b) {
        asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
            "{%0, %1, %2, %3};"
            : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
            : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b.x), "r"(b.y));
    }

    static __device__ __forceinline__ unsigned int pack(float low, float high) {
        __nv_bfloat162 pair = __floats2bfloat162_rn(low, high);
        return *(unsigned int*)&pair;
    }

    // a + b of pairs; sm_80 has no bf16 addition, only the fused multiply-add.
    static __device__ __forceinline__ unsigned int add(unsigned int a, unsigned int b) {
        unsigned int sum;
        asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(sum) : "r"(a), "r"(ONES), "r"(b));
        return sum;
    }

    // Bytes 0 to 127 plus OFFSET: 0x4300 + u is 128 + u.
    static constexpr float OFFSET = 128;
    static __device__ __forceinline__ uint2 offsetIntegers(unsigned int bytes) {
        return make_uint2(__byte_perm(bytes, 0x43434343u, 0x4140), __byte_perm(bytes, 0x43434343u, 0x4342));
    }

    // Bytes 0 to 127 less BIAS, exactly: 0xC300 + BIAS is -(128 + BIAS).
    template <int BIAS>
    static __device__ __forceinline__ uint2 integers(unsigned int bytes) {
        constexpr unsigned int bias = (0xC300u + BIAS) * 0x10001u;
        uint2 offset = offsetIntegers(bytes);
        return make_uint2(add(offset.x, bias), add(offset.y, bias));
    }

    // Signed bytes, exactly. 0x4300 + u is 128 + u for bytes below 128, and 256 + 2 (u - 128) above, since the top bit of
    // a byte is the lowest of the exponent. So the former need 1 * x - 128 and the latter, which are negative, 0.5 * x -
    // 256; factor and summand differ from each other in the same bits in both cases.
    static __device__ __forceinline__ uint2 signedIntegers(unsigned int bytes) {
        return make_uint2(signedPair(bytes, 0x4140), signedPair(bytes, 0x4342));
    }

    static __device__ __forceinline__ unsigned int signedPair(unsigned int bytes, unsigned int selector) {
        unsigned int number = __byte_perm(bytes, 0x43434343u, selector);
        unsigned int factor = __byte_perm(~bytes & 0x80808080u, 0x3F3F3F3Fu, selector);
        unsigned int result;
        asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(result) : "r"(number), "r"(factor), "r"(factor ^ 0xFC80FC80u));
        return result;
    }
};
