// Normalisation of rows, by the root mean square (Zhang and Sennrich 2019) or by mean and variance (Ba et al. 2016).
//
//   rms_norm      out = x / sqrt(mean(x^2) + epsilon) * gain
//   add_rms_norm  residual += delta; out = rms_norm(residual)
//   layer_norm    out = (x - mean(x)) / sqrt(variance(x) + epsilon) * gain + bias
//   head_norm     rms_norm of every head of a row, in place
//
// Layout: x, residual, delta, out [rows][columns] T; gain, bias [columns] f32; head_norm x [rows][heads][headDim], gain
// [headDim]. out may be x. add_rms_norm normalises the sum as it was stored, so that it equals add followed by rms_norm
// bit for bit; its out is neither residual nor delta.
//
// Floor, bytes per element of T: 2 * sizeof(T); add_rms_norm 4 * sizeof(T). About 4 FLOPs per element: memory-bound.
//
// Geometry: one block per row, RowsGeometry.normThreads(columns) threads, grid x = rows; head_norm: one warp per head,
// HEAD_NORM_THREADS threads, grid x = ceil(rows * heads / 4). No dynamic shared memory.
#pragma once

#include "row.cuh"

constexpr int HEAD_NORM_THREADS = 128;

__device__ __forceinline__ float sumOfSquares(const float (&values)[CHUNK]) {
    float sum = 0;
#pragma unroll
    for (int i = 0; i < CHUNK; i++) {
        sum += values[i] * values[i];
    }
    return sum;
}

__device__ __forceinline__ float normFactor(float meanOfSquares, float epsilon) {
    return 1.0f / sqrtf(meanOfSquares + epsilon);
}

// Writes values * factor * gain.
__device__ __forceinline__ void writeScaled(
    T* out, const float* gain, int first, int columns, float factor, const float (&values)[CHUNK]) {
    float gains[CHUNK];
    float scaled[CHUNK];
    readFloats(gain + first, columns - first, gains);
#pragma unroll
    for (int i = 0; i < CHUNK; i++) {
        scaled[i] = values[i] * factor * gains[i];
    }
    writeChunk(out + first, columns - first, scaled);
}

KERNEL __launch_bounds__(1024) TYPED(rms_norm)(const T* x, const float* gain, float epsilon, T* out, int rows, int columns) {
    const T* from = x + (long)blockIdx.x * columns;
    T* to = out + (long)blockIdx.x * columns;
    HeldRow row(threadIdx.x, blockDim.x, columns);
    float squares = 0;
    row.load([&](int first, float(&values)[CHUNK]) { readChunk(from + first, columns - first, values); },
             [&](int, float(&values)[CHUNK]) { squares += sumOfSquares(values); });
    float factor = normFactor(blockSum(squares) / columns, epsilon);
    row.visit(from, [&](int first, float(&values)[CHUNK]) { writeScaled(to, gain, first, columns, factor, values); });
}

KERNEL __launch_bounds__(1024) TYPED(add_rms_norm)
(T* residual, const T* delta, const float* gain, float epsilon, T* out, int rows, int columns) {
    T* sum = residual + (long)blockIdx.x * columns;
    const T* added = delta + (long)blockIdx.x * columns;
    T* to = out + (long)blockIdx.x * columns;
    HeldRow row(threadIdx.x, blockDim.x, columns);
    float squares = 0;
    row.load(
        [&](int first, float(&values)[CHUNK]) {
            float more[CHUNK];
            readChunk(sum + first, columns - first, values);
            readChunk(added + first, columns - first, more);
#pragma unroll
            for (int i = 0; i < CHUNK; i++) {
                values[i] = rounded(values[i] + more[i]);
            }
            writeChunk(sum + first, columns - first, values);
        },
        [&](int, float(&values)[CHUNK]) { squares += sumOfSquares(values); });
    float factor = normFactor(blockSum(squares) / columns, epsilon);
    row.visit(sum, [&](int first, float(&values)[CHUNK]) { writeScaled(to, gain, first, columns, factor, values); });
}

KERNEL __launch_bounds__(1024) TYPED(layer_norm)
(const T* x, const float* gain, const float* bias, float epsilon, T* out, int rows, int columns) {
    const T* from = x + (long)blockIdx.x * columns;
    T* to = out + (long)blockIdx.x * columns;
    HeldRow row(threadIdx.x, blockDim.x, columns);
    float sum = 0;
    row.load([&](int first, float(&values)[CHUNK]) { readChunk(from + first, columns - first, values); },
             [&](int, float(&values)[CHUNK]) {
#pragma unroll
                 for (int i = 0; i < CHUNK; i++) {
                     sum += values[i];
                 }
             });
    float mean = blockSum(sum) / columns;
    float squares = 0;
    row.visit(from, [&](int first, float(&values)[CHUNK]) {
#pragma unroll
        for (int i = 0; i < CHUNK; i++) {
            float distance = first + i < columns ? values[i] - mean : 0.0f;
            squares += distance * distance;
        }
    });
    float factor = normFactor(blockSum(squares) / columns, epsilon);
    row.visit(from, [&](int first, float(&values)[CHUNK]) {
        float gains[CHUNK];
        float biases[CHUNK];
        float normal[CHUNK];
        readFloats(gain + first, columns - first, gains);
        readFloats(bias + first, columns - first, biases);
#pragma unroll
        for (int i = 0; i < CHUNK; i++) {
            normal[i] = (values[i] - mean) * factor * gains[i] + biases[i];
        }
        writeChunk(to + first, columns - first, normal);
    });
}

KERNEL __launch_bounds__(HEAD_NORM_THREADS) TYPED(head_norm)(T* x, const float* gain, float epsilon, int rows, int heads, int headDim) {
    long head = (long)blockIdx.x * (HEAD_NORM_THREADS / WARP) + threadIdx.x / WARP;
    if (head >= (long)rows * heads) {
        return;
    }
    T* at = x + head * headDim;
    HeldRow row(threadIdx.x % WARP, WARP, headDim);
    float squares = 0;
    row.load([&](int first, float(&values)[CHUNK]) { readChunk(at + first, headDim - first, values); },
             [&](int, float(&values)[CHUNK]) { squares += sumOfSquares(values); });
    float factor = normFactor(warpSum(squares) / headDim, epsilon);
    row.visit(at, [&](int first, float(&values)[CHUNK]) { writeScaled(at, gain, first, headDim, factor, values); });
}
