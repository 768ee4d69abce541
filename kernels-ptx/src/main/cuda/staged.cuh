// Slices of weight rows in shared memory, and how a lane makes tensor-core fragments of them.
//
// A stage holds COLUMNS columns of 16 rows: per row CHUNKS vectors of 16 bytes, as in the main plane, and for the
// types with a scale plane the words that hold the row's SCALES halves. A group is 32 columns; of group j lane t =
// lane % 4 takes columns 32 j + 4 t to + 3 (first half) and 32 j + 16 + 4 t to + 3 (second half): for each half, the
// four numbers of a row that mma.m16n8k16 wants in one lane. mma's own order of k is another, but any order serves as
// long as both operands follow it, and this one keeps a lane's bytes together in every type.
//
// The quantised types give integers, which every 16-bit float holds exactly; scale and minimum are applied to the f32
// sums of SCALE_COLUMNS (32 or 16) columns. That costs fewer instructions than scaling each weight, and rounds less:
//   sum (s q - m) x = s sum q x - m sum x
// Where there is a minimum, sum x is at hand, and levels keep the offset that made them floats (Tensor<T>::OFFSET):
//   sum (s q - m) x = s sum (q + offset) x - (m + offset s) sum x
// which costs about seven of the 24 bits that the f32 sum has.
//
// Rows lie ROW_BYTES apart; swizzle() moves the vectors of a row so that the eight rows a warp reads at once lie in
// different banks.
#pragma once
#include "tensor.cuh"
#include "weights.cuh"

// Besides the constants above: STAGES, how many stages a warp keeps in flight or in use, and UNROLL, how many groups
// are written out; rowBytes(columns), bytes of a row of the main plane; chunkColumn(chunk), the first column that a
// vector holds numbers of, counted from the stage's first.
template <typename W>
struct Staged;

template <typename W, int BYTES>
struct StagedPlain {
    static constexpr int COLUMNS = 128 / BYTES;
    static constexpr int CHUNKS = 8;
    static constexpr int ROW_BYTES = 128;
    static constexpr int SCALES = 0;
    static constexpr int SCALE_COLUMNS = 0;
    static constexpr bool MINIMUM = false;
    static constexpr int UNROLL = COLUMNS / 32;
    static constexpr int STAGES = 4;

    static __device__ __forceinline__ long rowBytes(int columns) { return (long)columns * BYTES; }
    static __device__ __forceinline__ int chunkColumn(int chunk) { return chunk * (16 / BYTES); }
    static __device__ __forceinline__ int swizzle(int row) {
        return BYTES == 2 ? (row & 3) << 5 : (row & 1) << 6;
    }

    template <typename T>
    static __device__ __forceinline__ uint2 fragment(const char* row, int swizzle, int group, int half, int t) {
        using Storage = typename W::Storage;
        constexpr int SEGMENT = 16 * BYTES;
        const char* at = row + ((group * 2 * SEGMENT + half * SEGMENT + t * 4 * BYTES) ^ swizzle);
        if constexpr (Same<W, T>::VALUE) {
            return *(const uint2*)at;
        } else {
            Storage v[4];
            if constexpr (BYTES == 4) {
                *(uint4*)v = *(const uint4*)at;
            } else {
                *(uint2*)v = *(const uint2*)at;
            }
            return make_uint2(Tensor<T>::pack(W::toFloat(v[0]), W::toFloat(v[1])),
                              Tensor<T>::pack(W::toFloat(v[2]), W::toFloat(v[3])));
        }
    }
};

template <>
struct Staged<f32> : StagedPlain<f32, 4> {};
template <>
struct Staged<f16> : StagedPlain<f16, 2> {};
template <>
struct Staged<bf16> : StagedPlain<bf16, 2> {};

static __device__ __forceinline__ unsigned int wordAt(const char* at) {
    return *(const unsigned int*)at;
}

template <>
struct Staged<q8_0> {
    static constexpr int COLUMNS = 128;
    static constexpr int CHUNKS = 8;
    static constexpr int ROW_BYTES = 128;
    static constexpr int SCALES = 4;
    static constexpr int SCALE_COLUMNS = 32;
    static constexpr bool MINIMUM = false;
    static constexpr int UNROLL = 2;
    static constexpr int STAGES = 3;

    static __device__ __forceinline__ long rowBytes(int columns) { return columns; }
    static __device__ __forceinline__ int chunkColumn(int chunk) { return chunk * 16; }
    static __device__ __forceinline__ int swizzle(int row) { return (row & 7) << 4; }

    template <typename T>
    static __device__ __forceinline__ uint2 fragment(const char* row, int swizzle, int group, int half, int t) {
        return Tensor<T>::signedIntegers(wordAt(row + ((32 * group + 16 * half + 4 * t) ^ swizzle)));
    }
};

template <>
struct Staged<q4_0> {
    static constexpr int COLUMNS = 256;
    static constexpr int CHUNKS = 8;
    static constexpr int ROW_BYTES = 128;
    static constexpr int SCALES = 8;
    static constexpr int SCALE_COLUMNS = 32;
    static constexpr bool MINIMUM = false;
    static constexpr int UNROLL = 2;
    static constexpr int STAGES = 3;

    static __device__ __forceinline__ long rowBytes(int columns) { return columns / 2; }
    static __device__ __forceinline__ int chunkColumn(int chunk) { return chunk * 32; }
    static __device__ __forceinline__ int swizzle(int row) { return (row & 7) << 4; }

    template <typename T>
    static __device__ __forceinline__ uint2 fragment(const char* row, int swizzle, int group, int half, int t) {
        unsigned int q = wordAt(row + ((16 * group + 4 * t) ^ swizzle));
        return Tensor<T>::template integers<8>(q >> 4 * half & 0x0F0F0F0Fu);
    }
};

template <int BYTES>
struct StagedBlocks {
    static constexpr int COLUMNS = 256;
    static constexpr int CHUNKS = BYTES / 16;
    // 36, 44 and 52 words: modulo 32 banks, eight rows are four banks apart in each case.
    static constexpr int ROW_BYTES = BYTES;
    static constexpr int STAGES = 3;

    static __device__ __forceinline__ long rowBytes(int columns) { return (long)(columns / 256) * BYTES; }
    static __device__ __forceinline__ int chunkColumn(int) { return 0; }
    static __device__ __forceinline__ int swizzle(int) { return 0; }
};

template <>
struct Staged<q4_k> : StagedBlocks<144> {
    static constexpr int SCALES = 0;
    static constexpr int SCALE_COLUMNS = 32;
    static constexpr bool MINIMUM = true;
    static constexpr int UNROLL = 4;

    template <typename T>
    static __device__ __forceinline__ uint2 fragment(const char* row, int, int group, int half, int t) {
        unsigned int q = wordAt(row + 16 + 32 * (group >> 1) + 16 * half + 4 * t);
        return Tensor<T>::offsetIntegers(q >> 4 * (group & 1) & 0x0F0F0F0Fu);
    }
};

template <>
struct Staged<q5_k> : StagedBlocks<176> {
    static constexpr int SCALES = 0;
    static constexpr int SCALE_COLUMNS = 32;
    static constexpr bool MINIMUM = true;
    static constexpr int UNROLL = 2;

    template <typename T>
    static __device__ __forceinline__ uint2 fragment(const char* row, int, int group, int half, int t) {
        unsigned int q = wordAt(row + 48 + 32 * (group >> 1) + 16 * half + 4 * t);
        unsigned int fifth = wordAt(row + 16 + 16 * half + 4 * t) >> group;
        return Tensor<T>::offsetIntegers((q >> 4 * (group & 1) & 0x0F0F0F0Fu) | (fifth << 4 & 0x10101010u));
    }
};

template <>
struct Staged<q6_k> : StagedBlocks<208> {
    static constexpr int SCALES = 1;
    static constexpr int SCALE_COLUMNS = 16;
    static constexpr bool MINIMUM = false;
    static constexpr int UNROLL = 4;

    template <typename T>
    static __device__ __forceinline__ uint2 fragment(const char* row, int, int group, int half, int t) {
        int quarter = group & 3;
        unsigned int low = wordAt(row + 64 * (group >> 2) + 32 * (quarter & 1) + 16 * half + 4 * t);
        unsigned int high = wordAt(row + 128 + 32 * (group >> 2) + 16 * half + 4 * t);
        unsigned int q = (low >> 4 * (quarter >> 1) & 0x0F0F0F0Fu) | ((high >> 2 * quarter & 0x03030303u) << 4);
        return Tensor<T>::template integers<32>(q);
    }
};

// Words of the scale plane that a row of a stage touches: its halves may start in the middle of a word.
template <typename W>
static constexpr int SCALE_WORDS = Staged<W>::SCALES == 0 ? 0 : Staged<W>::SCALES / 2 + 1;

// The scales of a row of a stage, made once per stage from the row and its scale words, which start `odd` halves (0 or
// 1) too early: scale(i) for the i-th SCALE_COLUMNS columns, and lessMinimum(i, offset) where the type has one.
template <typename W>
struct RowScale {
    __device__ __forceinline__ RowScale(const char*, const char*, int) {}
};

struct PlaneScale {
    const char* halves;

    __device__ __forceinline__ PlaneScale(const char*, const char* words, int odd) : halves(words + 2 * odd) {}
    __device__ __forceinline__ float scale(int i) const { return halfBits(*(const unsigned short*)(halves + 2 * i)); }
};
template <>
struct RowScale<q8_0> : PlaneScale {
    using PlaneScale::PlaneScale;
};
template <>
struct RowScale<q4_0> : PlaneScale {
    using PlaneScale::PlaneScale;
};

// 2^23 + byte i of a word, as a float.
static __device__ __forceinline__ float byteAbove23(unsigned int word, int i) {
    return __uint_as_float(__byte_perm(word, 0x4B000000u, 0x7650 | (i & 3)));
}

// The six-bit scales and minima of all eight sub-blocks of a q4_k or q5_k block, one byte each.
struct HeadScale {
    unsigned int scales[2];
    unsigned int minima[2];
    float d;
    float dMinimum;

    __device__ __forceinline__ HeadScale(const char* row, const char*, int) {
        uint4 head = *(const uint4*)row;
        scales[0] = head.y & 0x3F3F3F3Fu;
        minima[0] = head.z & 0x3F3F3F3Fu;
        scales[1] = (head.w & 0x0F0F0F0Fu) | (head.y >> 2 & 0x30303030u);
        minima[1] = (head.w >> 4 & 0x0F0F0F0Fu) | (head.z >> 2 & 0x30303030u);
        d = halfBits(head.x & 0xFFFF);
        dMinimum = halfBits(head.x >> 16);
    }

    // unit * (2^23 + byte) - unit * 2^23. The subtrahend and the result fit f32, so the fused operation is exact.
    static __device__ __forceinline__ float times(float unit, const unsigned int (&bytes)[2], int i) {
        return __fmaf_rn(unit, byteAbove23(i < 4 ? bytes[0] : bytes[1], i), unit * -8388608.0f);
    }
    __device__ __forceinline__ float scale(int i) const { return times(d, scales, i); }
    // -(minimum + offset * scale): what to add per unit of x if each level is `offset` too large.
    __device__ __forceinline__ float lessMinimum(int i, float offset) const {
        return fmaf(-offset, scale(i), times(-dMinimum, minima, i));
    }
};
template <>
struct RowScale<q4_k> : HeadScale {
    using HeadScale::HeadScale;
};
template <>
struct RowScale<q5_k> : HeadScale {
    using HeadScale::HeadScale;
};

template <>
struct RowScale<q6_k> {
    const char* scales;
    float d;

    __device__ __forceinline__ RowScale(const char* row, const char* words, int odd)
        : scales(row + 192), d(halfBits(*(const unsigned short*)(words + 2 * odd))) {}
    __device__ __forceinline__ float scale(int i) const {
        unsigned int word = wordAt(scales + (i & ~3)) ^ 0x80808080u;
        return d * (byteAbove23(word, i) - 8388736.0f);
    }
};
