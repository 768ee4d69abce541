// rope_kv: turns queries and keys by their positions (RoFormer, Su et al. 2021, section 3.4), in place, and writes keys
// and values to their places in the paged KV pool.
//
// Pair i of a head turns by position * inverseFrequencies[i] and is scaled by magnitude. Pairs are the elements
// (2i, 2i + 1) where `adjacent`, (i, i + pairs) otherwise; elements from 2 * pairs on pass through.
//
// The angle is exact in f64 (31 + 24 bits at most) and reduced there to [-pi/4, pi/4]; an f32 product would be off by
// 2^-8 radians at position 100000. Sine and cosine of the rest are Taylor series in f32, error below 1e-7.
//
// Layout: q [token][heads][headDim], k and v [token][kvHeads][headDim] T; inverseFrequencies [pairs] f32; positions,
// slots [token] int32, slot = block * blockTokens + place in the block; a token with a negative slot is padding: nothing
// of it is read or written. pool: block b from b * blockStride on, this layer from layerOffset on there, as
// [k|v][kvHead][place in block][headDim] T.
//
// Floor, bytes per token: sizeof(T) * headDim * (2 * heads + 5 * kvHeads); 3 FLOPs per element: memory-bound.
// Geometry: ROPE_THREADS threads, grid x = tokenCount, dynamic shared memory 8 * pairs bytes.
#pragma once

#include "element.cuh"

constexpr int ROPE_THREADS = 256;

struct Turn {
    float cosine;
    float sine;
};

// Taylor series of the sine, |x| <= pi/4; the first term left out is below 2e-9.
__device__ __forceinline__ float shortSine(float x) {
    float square = x * x;
    float series = fmaf(square, 2.7557319e-6f, -1.9841270e-4f);
    series = fmaf(square, series, 8.3333333e-3f);
    series = fmaf(square, series, -1.6666667e-1f);
    return fmaf(x * square, series, x);
}

// Taylor series of the cosine, |x| <= pi/4; the first term left out is below 2e-10.
__device__ __forceinline__ float shortCosine(float x) {
    float square = x * x;
    float series = fmaf(square, -2.7557319e-7f, 2.4801587e-5f);
    series = fmaf(square, series, -1.3888889e-3f);
    series = fmaf(square, series, 4.1666667e-2f);
    series = fmaf(square, series, -0.5f);
    return fmaf(square, series, 1.0f);
}

__device__ __forceinline__ Turn turnAt(int position, float inverseFrequency, float magnitude) {
    const double halfPi = 1.5707963267948966;
    const double perHalfPi = 0.6366197723675814;
    double angle = (double)position * inverseFrequency;
    double quarters = rint(angle * perHalfPi);
    float rest = (float)fma(-quarters, halfPi, angle);
    int quarter = (int)(long)quarters & 3;
    float sine = shortSine(rest);
    float cosine = shortCosine(rest);
    float turnedCosine = (quarter & 1) ? sine : cosine;
    float turnedSine = (quarter & 1) ? cosine : sine;
    bool negateCosine = quarter == 1 || quarter == 2;
    bool negateSine = quarter >= 2;
    return {magnitude * (negateCosine ? -turnedCosine : turnedCosine),
            magnitude * (negateSine ? -turnedSine : turnedSine)};
}

// Turns the pairs (i, i + pairs) for CHUNK i from `first` on; writes to `head` and, unless null, to `copy`.
__device__ __forceinline__ void turnHalves(T* head, T* copy, int first, int pairs, const Turn* turns) {
    float low[CHUNK];
    float high[CHUNK];
    readChunk(head + first, pairs - first, low);
    readChunk(head + pairs + first, pairs - first, high);
#pragma unroll
    for (int i = 0; i < CHUNK; i++) {
        if (i < pairs - first) {
            Turn turn = turns[first + i];
            float a = low[i];
            float b = high[i];
            low[i] = a * turn.cosine - b * turn.sine;
            high[i] = a * turn.sine + b * turn.cosine;
        }
    }
    writeChunk(head + first, pairs - first, low);
    writeChunk(head + pairs + first, pairs - first, high);
    if (copy) {
        writeChunk(copy + first, pairs - first, low);
        writeChunk(copy + pairs + first, pairs - first, high);
    }
}

// Turns the pairs (2i, 2i + 1) of CHUNK elements from `first` on.
__device__ __forceinline__ void turnAdjacent(T* head, T* copy, int first, int pairs, const Turn* turns) {
    float values[CHUNK];
    readChunk(head + first, 2 * pairs - first, values);
#pragma unroll
    for (int i = 0; i < CHUNK; i += 2) {
        if (i < 2 * pairs - first) {
            Turn turn = turns[(first + i) / 2];
            float a = values[i];
            float b = values[i + 1];
            values[i] = a * turn.cosine - b * turn.sine;
            values[i + 1] = a * turn.sine + b * turn.cosine;
        }
    }
    writeChunk(head + first, 2 * pairs - first, values);
    if (copy) {
        writeChunk(copy + first, 2 * pairs - first, values);
    }
}

// Copies CHUNK elements of a head from `first` on.
__device__ __forceinline__ void copyChunk(const T* head, T* copy, int first, int headDim) {
    float values[CHUNK];
    readChunk(head + first, headDim - first, values);
    writeChunk(copy + first, headDim - first, values);
}

KERNEL __launch_bounds__(ROPE_THREADS) TYPED(rope_kv)
(T* q, T* k, const T* v, const float* inverseFrequencies, float magnitude, int pairs, int adjacent,
 const int* positions, const int* slots, T* pool, long blockStride, long layerOffset, int blockTokens, int tokenCount,
 int heads, int kvHeads, int headDim) {
    extern __shared__ Turn turns[];
    int token = blockIdx.x;
    int slot = slots[token];
    if (slot < 0) {
        return;
    }
    int position = positions[token];
    for (int i = threadIdx.x; i < pairs; i += ROPE_THREADS) {
        turns[i] = turnAt(position, inverseFrequencies[i], magnitude);
    }
    __syncthreads();
    T* keys = pool + slot / blockTokens * blockStride + layerOffset + (long)(slot % blockTokens) * headDim;
    T* values = keys + (long)kvHeads * blockTokens * headDim;
    int turnUnits = (adjacent ? 2 * pairs + CHUNK - 1 : pairs + CHUNK - 1) / CHUNK;
    int passUnits = (headDim - 2 * pairs + CHUNK - 1) / CHUNK;
    int headUnits = turnUnits + passUnits;
    int valueUnits = (headDim + CHUNK - 1) / CHUNK;
    int turned = (heads + kvHeads) * headUnits;
    for (int i = threadIdx.x; i < turned + kvHeads * valueUnits; i += ROPE_THREADS) {
        if (i >= turned) {
            int head = (i - turned) / valueUnits;
            int unit = (i - turned) % valueUnits;
            copyChunk(v + ((long)token * kvHeads + head) * headDim, values + (long)head * blockTokens * headDim,
                      unit * CHUNK, headDim);
            continue;
        }
        int head = i / headUnits;
        int unit = i % headUnits;
        bool isKey = head >= heads;
        T* at = isKey ? k + ((long)token * kvHeads + head - heads) * headDim : q + ((long)token * heads + head) * headDim;
        T* copy = isKey ? keys + (long)(head - heads) * blockTokens * headDim : nullptr;
        if (unit >= turnUnits) {
            if (isKey) {
                copyChunk(at, copy, 2 * pairs + (unit - turnUnits) * CHUNK, headDim);
            }
        } else if (adjacent) {
            turnAdjacent(at, copy, unit * CHUNK, pairs, turns);
        } else {
            turnHalves(at, copy, unit * CHUNK, pairs, turns);
        }
    }
}
