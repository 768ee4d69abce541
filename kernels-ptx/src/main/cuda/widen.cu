// to_f32: widens elements; exact.
//
// Layout: in [count] T, out [count] f32.
// Floor, bytes per element: sizeof(T) + 4: memory-bound.
// Geometry: FLAT_THREADS threads, a chunk each: grid x = ceil(count / (FLAT_THREADS * CHUNK)).
#pragma once

#include "flat.cuh"

KERNEL __launch_bounds__(FLAT_THREADS) TYPED(to_f32)(const T* in, float* out, long count) {
    long first = flatFirst();
    if (first >= count) {
        return;
    }
    float values[CHUNK];
    readChunk(in + first, count - first, values);
    if (count - first >= CHUNK) {
#pragma unroll
        for (int i = 0; i < CHUNK; i += 4) {
            *reinterpret_cast<float4*>(out + first + i) =
                make_float4(values[i], values[i + 1], values[i + 2], values[i + 3]);
        }
    } else {
#pragma unroll
        for (int i = 0; i < CHUNK; i++) {
            if (i < count - first) {
                out[first + i] = values[i];
            }
        }
    }
}
