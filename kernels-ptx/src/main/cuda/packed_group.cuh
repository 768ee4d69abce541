// A group of 32 columns of one row, as the product of tiles fetches and unpacks it: CHUNKS vectors of 16 bytes from the
// main plane, which for blocks of 256 are the head of the block and the parts that hold this group's bits.
//
// unpack() gives sixteen columns as eight pairs of T: GGUF's value, computed in f32 with its own roundings, rounded
// to T.
#pragma once
#include "tensor.cuh"
#include "weights.cuh"

template <typename W>
struct PackedGroup;

// rowBytes(columns): bytes of a row of the main plane. chunkAt(column, chunk): where a vector of the group that starts
// at `column` lies in its row. scales(rows, columns): halves of scale plane for so many rows.

template <typename W, int BYTES>
struct PlainGroup {
    static constexpr bool PLAIN = true;
    static constexpr bool SCALED = false;
    static constexpr int CHUNKS = 2 * BYTES;

    static __device__ __forceinline__ long rowBytes(int columns) { return (long)columns * BYTES; }
    static __device__ __forceinline__ long chunkAt(int column, int chunk) { return (long)column * BYTES + 16 * chunk; }
    static __device__ __forceinline__ int chunkColumn(int chunk) { return chunk * (16 / BYTES); }
    static __device__ __forceinline__ long scales(long, int) { return 0; }

    template <typename T>
    static __device__ __forceinline__ void unpack(const char* raw, float, int, int half, unsigned int (&words)[8]) {
        const uint4* vectors = (const uint4*)(raw + half * 16 * BYTES);
        uint4 bits[BYTES];
        typename W::Storage v[16];
#pragma unroll
        for (int i = 0; i < BYTES; i++) {
            bits[i] = vectors[i];
        }
        memcpy(v, bits, sizeof(v));
#pragma unroll
        for (int i = 0; i < 8; i++) {
            words[i] = Tensor<T>::pack(W::toFloat(v[2 * i]), W::toFloat(v[2 * i + 1]));
        }
    }
};
template <>
struct PackedGroup<f32> : PlainGroup<f32, 4> {};
template <>
struct PackedGroup<f16> : PlainGroup<f16, 2> {};
template <>
struct PackedGroup<bf16> : PlainGroup<bf16, 2> {};

// Byte i of a word less BIAS, as a float: put into the mantissa of 2^23, which is cheaper than a conversion.
template <int BIAS>
static __device__ __forceinline__ float levelOf(unsigned int word, int i) {
    return __uint_as_float(__byte_perm(word, 0x4B000000u, 0x7650 | i)) - (8388608.0f + BIAS);
}

// Sixteen bytes less BIAS, times a scale, less a minimum, as pairs of T.
template <typename T, int BIAS, bool MINIMUM>
static __device__ __forceinline__ void packLevels(uint4 levels, float scale, float minimum, unsigned int (&words)[8]) {
    const unsigned int four[4] = {levels.x, levels.y, levels.z, levels.w};
#pragma unroll
    for (int i = 0; i < 8; i++) {
        float low = levelOf<BIAS>(four[i / 2], 2 * (i & 1));
        float high = levelOf<BIAS>(four[i / 2], 2 * (i & 1) + 1);
        words[i] = MINIMUM ? Tensor<T>::pack(lessMinimum(scale, low, minimum), lessMinimum(scale, high, minimum))
                           : Tensor<T>::pack(__fmul_rn(scale, low), __fmul_rn(scale, high));
    }
}

// (each word >> shift) & mask.
static __device__ __forceinline__ uint4 bitsOf(uint4 v, int shift, unsigned int mask) {
    return make_uint4(v.x >> shift & mask, v.y >> shift & mask, v.z >> shift & mask, v.w >> shift & mask);
}

// low | high << 4.
static __device__ __forceinline__ uint4 above(uint4 low, uint4 high) {
    return make_uint4(low.x | high.x << 4, low.y | high.y << 4, low.z | high.z << 4, low.w | high.w << 4);
}

template <>
struct PackedGroup<q8_0> {
    static constexpr bool PLAIN = false;
    static constexpr bool SCALED = true;
    static constexpr int CHUNKS = 2;

    static __device__ __forceinline__ long rowBytes(int columns) { return columns; }
    static __device__ __forceinline__ long chunkAt(int column, int chunk) { return column + 16 * chunk; }
    static __device__ __forceinline__ long scales(long rows, int columns) { return rows * (columns / 32); }

    template <typename T>
    static __device__ __forceinline__ void unpack(
            const char* raw, float scale, int, int half, unsigned int (&words)[8]) {
        uint4 q = ((const uint4*)raw)[half];
        const unsigned int sign = 0x80808080u;
        packLevels<T, 128, false>(make_uint4(q.x ^ sign, q.y ^ sign, q.z ^ sign, q.w ^ sign), scale, 0, words);
    }
};

template <>
struct PackedGroup<q4_0> {
    static constexpr bool PLAIN = false;
    static constexpr bool SCALED = true;
    static constexpr int CHUNKS = 1;

    static __device__ __forceinline__ long rowBytes(int columns) { return columns / 2; }
    static __device__ __forceinline__ long chunkAt(int column, int) { return column / 2; }
    static __device__ __forceinline__ long scales(long rows, int columns) { return rows * (columns / 32); }

    template <typename T>
    static __device__ __forceinline__ void unpack(
            const char* raw, float scale, int, int half, unsigned int (&words)[8]) {
        packLevels<T, 8, false>(bitsOf(*(const uint4*)raw, 4 * half, 0x0F0F0F0Fu), scale, 0, words);
    }
};

template <int BYTES>
struct BlockGroup {
    static constexpr bool PLAIN = false;
    static __device__ __forceinline__ long rowBytes(int columns) { return (long)(columns / 256) * BYTES; }
    static __device__ __forceinline__ long blockAt(int column) { return (long)(column / 256) * BYTES; }
    static __device__ __forceinline__ long scales(long rows, int columns) { return rows * (columns / 256); }
};

template <>
struct PackedGroup<q4_k> : BlockGroup<144> {
    static constexpr bool SCALED = false;
    static constexpr int CHUNKS = 3;

    static __device__ __forceinline__ long chunkAt(int column, int chunk) {
        return blockAt(column) + (chunk == 0 ? 0 : 32 * (column >> 6 & 3) + 16 * chunk);
    }

    template <typename T>
    static __device__ __forceinline__ void unpack(
            const char* raw, float, int group, int half, unsigned int (&words)[8]) {
        const uint4* vectors = (const uint4*)raw;
        float scale, minimum;
        subScale(vectors[0], group & 7, &scale, &minimum);
        packLevels<T, 0, true>(bitsOf(vectors[1 + half], 4 * (group & 1), 0x0F0F0F0Fu), scale, minimum, words);
    }
};

template <>
struct PackedGroup<q5_k> : BlockGroup<176> {
    static constexpr bool SCALED = false;
    static constexpr int CHUNKS = 5;

    static __device__ __forceinline__ long chunkAt(int column, int chunk) {
        return blockAt(column) + 16 * chunk + (chunk < 3 ? 0 : 32 * (column >> 6 & 3));
    }

    template <typename T>
    static __device__ __forceinline__ void unpack(
            const char* raw, float, int group, int half, unsigned int (&words)[8]) {
        const uint4* vectors = (const uint4*)raw;
        float scale, minimum;
        subScale(vectors[0], group & 7, &scale, &minimum);
        uint4 fifth = bitsOf(vectors[1 + half], group & 7, 0x01010101u);
        uint4 low = bitsOf(vectors[3 + half], 4 * (group & 1), 0x0F0F0F0Fu);
        packLevels<T, 0, true>(above(low, fifth), scale, minimum, words);
    }
};

template <>
struct PackedGroup<q6_k> : BlockGroup<208> {
    static constexpr bool SCALED = true;
    static constexpr int CHUNKS = 5;

    // Two vectors of low nibbles, two of high pairs, and the scales.
    static __device__ __forceinline__ long chunkAt(int column, int chunk) {
        int half = column >> 7 & 1;
        int within = chunk < 2 ? 64 * half + 32 * (column >> 5 & 1) + 16 * chunk
                   : chunk < 4 ? 128 + 32 * half + 16 * (chunk - 2) : 192;
        return blockAt(column) + within;
    }

    template <typename T>
    static __device__ __forceinline__ void unpack(
            const char* raw, float d, int group, int half, unsigned int (&words)[8]) {
        const uint4* vectors = (const uint4*)raw;
        int quarter = group & 3;
        uint4 low = bitsOf(vectors[half], 4 * (quarter >> 1), 0x0F0F0F0Fu);
        uint4 high = bitsOf(vectors[2 + half], 2 * quarter, 0x03030303u);
        float scale = __fmul_rn(d, (float)((const signed char*)raw)[64 + 2 * (group & 7) + half]);
        packLevels<T, 32, false>(above(low, high), scale, 0, words);
    }
};
