// Gated activations: out = activation(gate) * up.
//
//   gated_silu  silu(g) = g / (1 + e^-g)
//   gated_gelu  gelu(g) = g / 2 * (1 + tanh(sqrt(2 / pi) * (g + 0.044715 g^3))), the tanh form of Hendrycks and Gimpel
//               2016; with (1 + tanh(u)) / 2 = 1 / (1 + e^-2u) it costs one exponential as well
//
// Layout: gate, up, out [count] T; out may be gate or up.
// Floor, bytes per element: 3 * sizeof(T); about 10 FLOPs: memory-bound.
// Geometry: FLAT_THREADS threads, a chunk each: grid x = ceil(count / (FLAT_THREADS * CHUNK)).
#pragma once

#include "element.cuh"
#include "flat.cuh"

__device__ __forceinline__ float silu(float g) { return g / (1.0f + expf(-g)); }

__device__ __forceinline__ float gelu(float g) {
    const float twiceSqrtTwoOverPi = 1.5957691216057308f;
    return g / (1.0f + expf(-twiceSqrtTwoOverPi * (g + 0.044715f * g * g * g)));
}

template <typename Activation>
__device__ __forceinline__ void gated(const T* gate, const T* up, T* out, long count, Activation activation) {
    long first = flatFirst();
    if (first >= count) {
        return;
    }
    float gates[CHUNK];
    float ups[CHUNK];
    readChunk(gate + first, count - first, gates);
    readChunk(up + first, count - first, ups);
#pragma unroll
    for (int i = 0; i < CHUNK; i++) {
        gates[i] = activation(gates[i]) * ups[i];
    }
    writeChunk(out + first, count - first, gates);
}

KERNEL __launch_bounds__(FLAT_THREADS) TYPED(gated_silu)(const T* gate, const T* up, T* out, long count) {
    gated(gate, up, out, count, [](float g) { return silu(g); });
}

KERNEL __launch_bounds__(FLAT_THREADS) TYPED(gated_gelu)(const T* gate, const T* up, T* out, long count) {
    gated(gate, up, out, count, [](float g) { return gelu(g); });
}
