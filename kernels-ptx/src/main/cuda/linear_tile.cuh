// The product of linear_flat.cuh for any number of tokens, on tensor cores.
//
//   floor   2 * rows * outputs * columns FLOPs; the weights are read once per tile of tokens, mostly from the L2 cache
//
// Launch: blocks of 128 threads make SIDE tokens x SIDE outputs (128, or 64 where tokens are few); grid x counts tiles
// of tokens, so that the blocks which share weights run together, and y tiles of outputs. Dynamic shared memory: see
// LinearGeometry.
//
// Columns go by in groups of 32. Activations and packed weights of the next groups are on their way by cp.async (STAGES
// buffers); the weights of the next group are unpacked to T, rounded as GGUF defines them, into one of two tiles while
// the tensor cores work on the other, so that one barrier per group is enough. Weights that are stored as T skip the
// unpacking and have STAGES tiles. Each of the four warps makes a quarter, (SIDE / 2) x (SIDE / 2).
//
// A tile row is 64 bytes; vector c of row r lies at place c ^ (r / 2 % 4), so that the eight rows of an ldmatrix matrix
// are in different banks.
#pragma once
#include "linear_out.cuh"
#include "packed_group.cuh"
#include "tensor.cuh"

constexpr int TILE_THREADS = 128;

static __device__ __forceinline__ int tileAt(int row, int chunk) {
    return row * 64 + ((chunk ^ (row >> 1 & 3)) << 4);
}

template <typename W, typename T, int SIDE, int STAGES, typename Out>
struct Tile {
    using X = typename T::Storage;
    using P = PackedGroup<W>;
    static constexpr bool DIRECT = Same<W, T>::VALUE;
    static constexpr int HALF = SIDE / 2;
    static constexpr int M_TILES = HALF / 16;
    static constexpr int N_TILES = HALF / 8;
    static constexpr int TILE_BYTES = SIDE * 64;
    static constexpr int RAW_BYTES = DIRECT ? TILE_BYTES : SIDE * (16 * P::CHUNKS + (P::SCALED ? 4 : 0));
    static constexpr int STAGE_BYTES = TILE_BYTES + RAW_BYTES;

    const char* weight;
    const unsigned short* scale;
    const X* x;
    int rows;
    int outputs;
    int columns;
    char* stages;
    char* unpacked;

    __device__ __forceinline__ int firstToken() const { return blockIdx.x * SIDE; }
    __device__ __forceinline__ int firstOutput() const { return blockIdx.y * SIDE; }
    __device__ __forceinline__ char* stage(int group) const { return stages + group % STAGES * STAGE_BYTES; }

    // Starts the copies of a group. Rows past the end repeat the last one, columns past the end are zeros.
    __device__ __forceinline__ void load(int group) const {
        char* to = stage(group);
        int column = 32 * group;
        if constexpr (P::PLAIN) {
            if ((columns & 7) != 0) {
                using Number = typename W::Storage;
                loadSingly<X>(to, x, firstToken(), rows, column, true);
                loadSingly<Number>(to + TILE_BYTES, (const Number*)weight, firstOutput(), outputs, column, DIRECT);
                return;
            }
        }
        loadTile(sharedAddress(to), x, firstToken(), rows, column);
        if constexpr (DIRECT) {
            loadTile(sharedAddress(to + TILE_BYTES), (const X*)weight, firstOutput(), outputs, column);
        } else {
            loadPacked(sharedAddress(to + TILE_BYTES), column);
        }
    }

    __device__ __forceinline__ void loadTile(
            unsigned int shared, const X* from, int first, int count, int column) const {
        int chunk = threadIdx.x & 3;
        bool exists = column + 8 * chunk < columns;
#pragma unroll
        for (int i = 0; i < SIDE / 32; i++) {
            int row = 32 * i + (threadIdx.x >> 2);
            const X* at = from + (long)min(first + row, count - 1) * columns + column + 8 * chunk;
            copyAsync16(shared + tileAt(row, chunk), exists ? at : from, exists ? 16 : 0);
        }
    }

    __device__ __forceinline__ void loadPacked(unsigned int shared, int column) const {
        long rowBytes = P::rowBytes(columns);
#pragma unroll
        for (int i = 0; i < (SIDE * P::CHUNKS + TILE_THREADS - 1) / TILE_THREADS; i++) {
            int at = i * TILE_THREADS + threadIdx.x;
            if (SIDE * P::CHUNKS % TILE_THREADS != 0 && at >= SIDE * P::CHUNKS) {
                break;
            }
            int row = at / P::CHUNKS;
            int chunk = at % P::CHUNKS;
            bool exists = true;
            if constexpr (P::PLAIN) {
                exists = column + P::chunkColumn(chunk) < columns;
            }
            const char* from = weight + min(firstOutput() + row, outputs - 1) * rowBytes + P::chunkAt(column, chunk);
            copyAsync16(shared + 16 * at, exists ? from : weight, exists ? 16 : 0);
        }
        if constexpr (P::SCALED) {
            if (SIDE == TILE_THREADS || threadIdx.x < SIDE) {
                // The word that holds the row's half; the plane may end in the middle of its last word.
                long half = scaleAt(threadIdx.x, column) & ~1L;
                int valid = 2 * half + 4 <= 2 * P::scales(outputs, columns) ? 4 : 2;
                copyAsync4(shared + SIDE * 16 * P::CHUNKS + 4 * threadIdx.x, scale + half, valid);
            }
        }
    }

    __device__ __forceinline__ long scaleAt(int row, int column) const {
        return P::scales(min(firstOutput() + row, outputs - 1), columns) + P::scales(1, column);
    }

    // Rows that do not start at multiples of 16 bytes: number by number, and without overlap.
    template <typename Number>
    __device__ __forceinline__ void loadSingly(
            char* to, const Number* from, int first, int count, int column, bool tile) const {
#pragma unroll 1
        for (int i = threadIdx.x; i < SIDE * 32; i += TILE_THREADS) {
            int row = i / 32;
            int within = i % 32;
            int at = tile ? tileAt(row, within / 8) + 2 * (within & 7) : i * (int)sizeof(Number);
            long e = (long)min(first + row, count - 1) * columns + column + within;
            *(Number*)(to + at) = column + within < columns ? from[e] : Number(0.0f);
        }
    }

    // Unpacks a group's weights into a tile, sixteen columns of a row at a time; the lanes of a warp take different
    // rows.
    __device__ __forceinline__ void unpack(int group) const {
        const char* raw = stage(group) + TILE_BYTES;
        char* to = unpacked + (group & 1) * TILE_BYTES;
        int column = 32 * group;
#pragma unroll
        for (int i = 0; i < 2 * SIDE / TILE_THREADS; i++) {
            int at = i * TILE_THREADS + threadIdx.x;
            int row = at % SIDE;
            int half = at / SIDE;
            float scaleOfRow = 0;
            if constexpr (P::SCALED) {
                int odd = (int)(scaleAt(row, column) & 1);
                scaleOfRow = halfBits(*(const unsigned short*)(raw + SIDE * 16 * P::CHUNKS + 4 * row + 2 * odd));
            }
            unsigned int words[8];
            P::template unpack<T>(raw + row * 16 * P::CHUNKS, scaleOfRow, group, half, words);
            *(uint4*)(to + tileAt(row, 2 * half)) = make_uint4(words[0], words[1], words[2], words[3]);
            *(uint4*)(to + tileAt(row, 2 * half + 1)) = make_uint4(words[4], words[5], words[6], words[7]);
        }
    }

    __device__ __forceinline__ void multiply(int group, float (&total)[M_TILES][N_TILES][4]) const {
        int lane = threadIdx.x & 31;
        int warp = threadIdx.x >> 5;
        char* to = stage(group);
        unsigned int tokens = sharedAddress(to);
        unsigned int weights = sharedAddress(DIRECT ? to + TILE_BYTES : unpacked + (group & 1) * TILE_BYTES);
#pragma unroll
        for (int k = 0; k < 2; k++) {
            unsigned int a[M_TILES][4];
#pragma unroll
            for (int m = 0; m < M_TILES; m++) {
                int row = (warp >> 1) * HALF + 16 * m + (lane & 15);
                loadMatrices(tokens + tileAt(row, 2 * k + (lane >> 4)), a[m]);
            }
#pragma unroll
            for (int n = 0; n < N_TILES; n += 2) {
                unsigned int b[4];
                int row = (warp & 1) * HALF + 8 * n + (lane & 7) + (lane >> 4 << 3);
                loadMatrices(weights + tileAt(row, 2 * k + (lane >> 3 & 1)), b);
#pragma unroll
                for (int m = 0; m < M_TILES; m++) {
                    Tensor<T>::multiply(total[m][n], a[m], make_uint2(b[0], b[1]));
                    Tensor<T>::multiply(total[m][n + 1], a[m], make_uint2(b[2], b[3]));
                }
            }
        }
    }

    __device__ __forceinline__ void run(const float* bias, Out* out) const {
        // The copies of group + STAGES - 1 go where group - 1 was, so the first steps only start copies; packed weights
        // need the group's successor too, to unpack it.
        constexpr int FIRST = DIRECT ? 0 : -1;
        constexpr int PENDING = DIRECT ? STAGES - 2 : STAGES - 3;
        int groups = (columns + 31) / 32;
        float total[M_TILES][N_TILES][4] = {};
#pragma unroll 1
        for (int group = 1 - STAGES; group < groups; group++) {
            if (group >= FIRST) {
                awaitCopies<PENDING>();
                __syncthreads();
            }
            if (group + STAGES - 1 < groups) {
                load(group + STAGES - 1);
            }
            commitCopies();
            if constexpr (!DIRECT) {
                if (group >= FIRST && group + 1 < groups) {
                    unpack(group + 1);
                }
            }
            if (group >= 0) {
                multiply(group, total);
            }
        }
        store(total, bias, out);
    }

    // By way of shared memory, which the groups no longer need, so that rows are written in whole vectors.
    __device__ __forceinline__ void store(
            const float (&total)[M_TILES][N_TILES][4], const float* bias, Out* out) const {
        constexpr int STRIDE = SIDE + 8;
        static_assert(STRIDE * SIDE * sizeof(Out) <= STAGES * STAGE_BYTES, "the tile of results fits");
        Out* tile = (Out*)stages;
        int lane = threadIdx.x & 31;
        int warp = threadIdx.x >> 5;
        int row = (warp >> 1) * HALF + (lane >> 2);
        __syncthreads();
#pragma unroll
        for (int n = 0; n < N_TILES; n++) {
            int column = (warp & 1) * HALF + 8 * n + 2 * (lane & 3);
            int output = firstOutput() + column;
            float low = bias == nullptr || output >= outputs ? 0.0f : bias[output];
            float high = bias == nullptr || output + 1 >= outputs ? 0.0f : bias[output + 1];
#pragma unroll
            for (int m = 0; m < M_TILES; m++) {
                int at = (row + 16 * m) * STRIDE + column;
                storePair<T>(tile, at, total[m][n][0] + low, total[m][n][1] + high);
                storePair<T>(tile, at + 8 * STRIDE, total[m][n][2] + low, total[m][n][3] + high);
            }
        }
        __syncthreads();
        int count = min(rows - firstToken(), SIDE);
        int width = min(outputs - firstOutput(), SIDE);
        Out* to = out + (long)firstToken() * outputs + firstOutput();
        constexpr int VECTOR = 16 / sizeof(Out);
        if (outputs % VECTOR == 0) {
#pragma unroll 2
            for (int i = threadIdx.x; i < count * (SIDE / VECTOR); i += TILE_THREADS) {
                int token = i / (SIDE / VECTOR);
                int column = i % (SIDE / VECTOR) * VECTOR;
                if (column < width) {
                    *(uint4*)(to + (long)token * outputs + column) = *(const uint4*)(tile + token * STRIDE + column);
                }
            }
        } else {
#pragma unroll 1
            for (int i = threadIdx.x; i < count * SIDE; i += TILE_THREADS) {
                if (i % SIDE < width) {
                    to[(long)(i / SIDE) * outputs + i % SIDE] = tile[i / SIDE * STRIDE + i % SIDE];
                }
            }
        }
    }
};

template <typename W, typename T, int SIDE, typename Out>
static __device__ __forceinline__ void tile(const void* weight, const unsigned short* scale, const float* bias,
        const typename T::Storage* x, Out* out, int rows, int outputs, int columns) {
    extern __shared__ __align__(16) char shared[];
    using Block = Tile<W, T, SIDE, 4, Out>;
    Block block;
    block.weight = (const char*)weight;
    block.scale = scale;
    block.x = x;
    block.rows = rows;
    block.outputs = outputs;
    block.columns = columns;
    block.unpacked = shared;
    block.stages = shared + (Block::DIRECT ? 0 : 2 * Block::TILE_BYTES);
    block.run(bias, out);
}
