// embed_<w>: out[i] = table[tokens[i]], decoded. A token outside the vocabulary gives zeros, so that padding reads
// nothing.
//
// Layout: table [vocabulary][columns] as in weights.cuh, tokens [tokenCount] int32, out [tokenCount][columns] T.
// Floor, bytes per element: sizeof(T) + bytes of a weight: memory-bound.
// Geometry: EMBED_THREADS threads, grid x = tokenCount.
#pragma once

#include "unpack.cuh"

constexpr int EMBED_THREADS = 256;

template <typename W>
__device__ __forceinline__ void embed(
    const void* main, const unsigned short* scale, const int* tokens, T* out, int columns, int vocabulary) {
    int token = tokens[blockIdx.x];
    bool known = token >= 0 && token < vocabulary;
    T* to = out + (long)blockIdx.x * columns;
    for (int first = threadIdx.x * UNPACKED; first < columns; first += EMBED_THREADS * UNPACKED) {
        if (known) {
            unpack<W>(main, scale, (long)token * columns + first, columns - first, to + first);
        } else {
            const float zeros[CHUNK] = {};
            for (int i = first; i < first + UNPACKED; i += CHUNK) {
                writeChunk(to + i, columns - i, zeros);
            }
        }
    }
}

#define EMBED(W)                                                                                                    \
    KERNEL __launch_bounds__(EMBED_THREADS) JOIN3(embed, W, TYPE)(const void* main, const unsigned short* scale,    \
                                                                  const int* tokens, T* out, int tokenCount,        \
                                                                  int columns, int vocabulary) {                    \
        embed<W>(main, scale, tokens, out, columns, vocabulary);                                                    \
    }

FOR_EACH_WEIGHT(EMBED)
#undef EMBED
