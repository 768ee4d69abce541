// out[token][output] = bias[output] + sum over columns of x[token][column] * weight[output][column], for 1 to 16
// tokens: a flat product, bound by reading the weights once.
//
//   weight  [outputs][columns] as in weights.cuh      x     [rows][columns] of T
//   out     [rows][outputs] of T or f32               bias  [outputs] of f32, or null
//   floor   outputs * columns * (bytes per weight) read; 2 * rows * outputs * columns FLOPs
//
// Tensor cores also for a single token: the product then costs nothing beside unpacking the weights, and unpacking to
// integers is the cheapest there is (staged.cuh). Weights are the 16-row operand of mma.m16n8k16, tokens the 8 columns.
//
// Launch: blocks of 32 * (1, 2, 4 or 8) threads; a block makes 16 outputs of up to 8 tokens or 32 outputs of up to 16.
// Columns are cut into stages (Staged<W>::COLUMNS), dealt in turn to eight slices; the warps of the block share out the
// slices. Each warp streams its stages of weights and activations through a ring of its own in shared memory by
// cp.async: the bytes in flight do not depend on registers, and no warp waits for another before the end, where
// the slices' sums are added in order. Dynamic shared memory: see LinearGeometry.
//
// What holds: a token's result does not depend on the other tokens, their number, or the number of warps, since every
// sum over columns is made in the same order.
#pragma once
#include "linear_out.cuh"
#include "staged.cuh"

constexpr int FLAT_SLICES = 8;
// A row of x in a stage ends with 32 bytes of padding, so that four tokens lie in different banks.
constexpr int X_PADDING = 32;

// Where a warp is in its stages: slice, slice + 8, ... for each slice that is its own.
struct StageCursor {
    int slice;
    int stage;
    int warps;
    int stages;

    __device__ __forceinline__ StageCursor(int warp, int warps, int stages)
        : slice(warp), stage(warp), warps(warps), stages(stages) {}
    __device__ __forceinline__ bool valid() const { return stage < stages; }
    __device__ __forceinline__ bool endsSlice() const { return stage + FLAT_SLICES >= stages; }
    __device__ __forceinline__ void next() {
        if (!endsSlice()) {
            stage += FLAT_SLICES;
        } else {
            slice += warps;
            stage = slice < FLAT_SLICES ? slice : stages;
        }
    }
};

template <typename W, typename T, int M_TILES, int N_TILES, int STAGES, typename Out>
struct Flat {
    using S = Staged<W>;
    using X = typename T::Storage;
    static constexpr int OUTPUTS = 16 * M_TILES;
    static constexpr int GROUPS = S::COLUMNS / 32;
    static constexpr int WEIGHT_BYTES = OUTPUTS * S::ROW_BYTES;
    static constexpr int SCALE_BYTES = OUTPUTS * SCALE_WORDS<W> * 4;
    static constexpr int X_ROW_BYTES = S::COLUMNS * 2 + X_PADDING;
    // Columns of a scale, and words of scales that a lane fetches.
    static constexpr int PER_SCALE = S::COLUMNS / (S::SCALES == 0 ? 1 : S::SCALES);
    static constexpr int LANE_SCALES = (OUTPUTS * SCALE_WORDS<W> + 31) / 32;

    const char* weight;
    const unsigned short* scale;
    const X* x;
    int rows;
    int outputs;
    int columns;
    int firstOutput;
    int lane;
    char* ring;
    // Rows lane / 4, + 8, ... of the block's weights, which this lane fetches a quarter of.
    const char* fetched[OUTPUTS / 8];
    // The first scale of the rows of which this lane fetches words lane, lane + 32, ...
    long fetchedScale[LANE_SCALES == 0 ? 1 : LANE_SCALES];

    __device__ __forceinline__ void begin() {
        if constexpr (S::SCALES != 0) {
#pragma unroll
            for (int i = 0; i < LANE_SCALES; i++) {
                fetchedScale[i] = (long)clampedOutput((lane + 32 * i) / SCALE_WORDS<W>) * (columns / PER_SCALE);
            }
        }
#pragma unroll
        for (int i = 0; i < OUTPUTS / 8; i++) {
            fetched[i] = weight + clampedOutput(8 * i + (lane >> 2)) * S::rowBytes(columns) + 16 * (lane & 3);
        }
    }

    __device__ __forceinline__ int stageBytes() const {
        return (WEIGHT_BYTES + SCALE_BYTES + rows * X_ROW_BYTES + 15) & ~15;
    }
    __device__ __forceinline__ int clampedOutput(int row) const { return min(firstOutput + row, outputs - 1); }
    __device__ __forceinline__ bool vectors() const { return S::SCALE_COLUMNS != 0 || (columns & 7) == 0; }

    // Starts the copies of a stage. Rows and columns beyond the matrix are read as the last row and as zeros.
    __device__ __forceinline__ void load(char* buffer, int stage) const {
        int column = stage * S::COLUMNS;
        if (!vectors()) {
            loadSingly(buffer, column);
            return;
        }
        unsigned int shared = sharedAddress(buffer);
        long offset = S::rowBytes(column);
#pragma unroll
        for (int j = 0; j < (S::CHUNKS + 3) / 4; j++) {
            int chunk = 4 * j + (lane & 3);
            // Types in blocks of 256 end with a stage.
            bool exists = S::COLUMNS == Weight<W>::BLOCK || column + S::chunkColumn(chunk) < columns;
            if (S::CHUNKS % 4 == 0 || chunk < S::CHUNKS) {
#pragma unroll
                for (int i = 0; i < OUTPUTS / 8; i++) {
                    int row = 8 * i + (lane >> 2);
                    copyAsync16(shared + row * S::ROW_BYTES + ((16 * chunk) ^ S::swizzle(row)),
                                exists ? fetched[i] + offset + 64 * j : weight, exists ? 16 : 0);
                }
            }
        }
        if constexpr (S::SCALES != 0) {
            loadScales(shared + WEIGHT_BYTES, column);
        }
        loadTokens(shared + WEIGHT_BYTES + SCALE_BYTES, column);
    }

    // Whole words, from the even half at or before the first; the plane ends where its last half does.
    __device__ __forceinline__ void loadScales(unsigned int shared, int column) const {
        long halves = (long)outputs * (columns / PER_SCALE);
#pragma unroll
        for (int i = 0; i < LANE_SCALES; i++) {
            int word = lane + 32 * i;
            if (32 * (i + 1) <= OUTPUTS * SCALE_WORDS<W> || word < OUTPUTS * SCALE_WORDS<W>) {
                long half = ((fetchedScale[i] + column / PER_SCALE) & ~1L) + 2 * (word % SCALE_WORDS<W>);
                int valid = (int)max(0L, min(4L, 2 * (halves - half)));
                copyAsync4(shared + 4 * word, valid > 0 ? scale + half : scale, valid);
            }
        }
    }

    __device__ __forceinline__ void loadTokens(unsigned int shared, int column) const {
        constexpr int CHUNKS = S::COLUMNS / 8;
#pragma unroll 1
        for (int i = lane; i < rows * CHUNKS; i += 32) {
            int token = i / CHUNKS;
            int chunk = i % CHUNKS;
            bool exists = column + 8 * chunk < columns;
            copyAsync16(shared + token * X_ROW_BYTES + 16 * chunk,
                        exists ? x + (long)token * columns + column + 8 * chunk : x, exists ? 16 : 0);
        }
    }

    // Rows that do not start at multiples of 16 bytes: number by number, and without overlap. Plain types only.
    __device__ __forceinline__ void loadSingly(char* buffer, int column) const {
        constexpr int BYTES = S::ROW_BYTES / S::COLUMNS > 2 ? 4 : 2;
#pragma unroll 1
        for (int i = lane; i < OUTPUTS * S::COLUMNS; i += 32) {
            int row = i / S::COLUMNS;
            int within = i % S::COLUMNS;
            long from = (long)clampedOutput(row) * columns + column + within;
            char* to = buffer + row * S::ROW_BYTES + ((within * BYTES) ^ S::swizzle(row));
            bool exists = column + within < columns;
            if constexpr (BYTES == 4) {
                *(unsigned int*)to = exists ? ((const unsigned int*)weight)[from] : 0;
            } else {
                *(unsigned short*)to = exists ? ((const unsigned short*)weight)[from] : 0;
            }
        }
        char* tokens = buffer + WEIGHT_BYTES + SCALE_BYTES;
#pragma unroll 1
        for (int i = lane; i < rows * S::COLUMNS; i += 32) {
            int token = i / S::COLUMNS;
            int within = i % S::COLUMNS;
            *(unsigned short*)(tokens + token * X_ROW_BYTES + 2 * within) =
                column + within < columns ? ((const unsigned short*)x)[(long)token * columns + column + within] : 0;
        }
    }

    // Adds a stage to the sums: total[m][n][i] is output 16 m + lane / 4 (+ 8 for i >= 2) of token
    // 8 n + 2 (lane % 4) + i % 2.
    __device__ __forceinline__ void multiply(
            const char* buffer, int column, float (&total)[M_TILES][N_TILES][4]) const {
        int g = lane >> 2;
        int t = lane & 3;
        const char* tokens = buffer + WEIGHT_BYTES + SCALE_BYTES + 8 * t;
#pragma unroll
        for (int m = 0; m < M_TILES; m++) {
            const char* low = buffer + (16 * m + g) * S::ROW_BYTES;
            const char* high = low + 8 * S::ROW_BYTES;
            RowScale<W> lowScale(low, scaleWords(buffer, 16 * m + g), oddScale(16 * m + g, column));
            RowScale<W> highScale(high, scaleWords(buffer, 16 * m + g + 8), oddScale(16 * m + g + 8, column));
#pragma unroll 1
            for (int outer = 0; outer < GROUPS; outer += S::UNROLL) {
#pragma unroll
                for (int inner = 0; inner < S::UNROLL; inner++) {
                    int group = outer + inner;
                    unsigned int a[2][4];
                    fragments(low, high, group, t, a);
#pragma unroll
                    for (int n = 0; n < N_TILES; n++) {
                        // Columns of the tile that no token has are left out at the end, so they may repeat the last.
                        const char* token = tokens + min(8 * n + g, rows - 1) * X_ROW_BYTES + 64 * group;
                        uint2 b[2] = {*(const uint2*)token, *(const uint2*)(token + 32)};
                        accumulate(total[m][n], a, b, lowScale, highScale, group);
                    }
                }
            }
        }
    }

    __device__ __forceinline__ const char* scaleWords(const char* buffer, int row) const {
        return buffer + WEIGHT_BYTES + row * SCALE_WORDS<W> * 4;
    }
    __device__ __forceinline__ int oddScale(int row, int column) const {
        return S::SCALES == 0 ? 0 : (clampedOutput(row) & columns / PER_SCALE & 1) ^ (column / PER_SCALE & 1);
    }

    // The group's columns 0 to 15 and 16 to 31 of rows lane / 4 and lane / 4 + 8.
    static __device__ __forceinline__ void fragments(
            const char* low, const char* high, int group, int t, unsigned int (&a)[2][4]) {
        int swizzle = S::swizzle((threadIdx.x & 31) >> 2);
#pragma unroll
        for (int half = 0; half < 2; half++) {
            uint2 first = S::template fragment<T>(low, swizzle, group, half, t);
            uint2 second = S::template fragment<T>(high, swizzle, group, half, t);
            a[half][0] = first.x;
            a[half][1] = second.x;
            a[half][2] = first.y;
            a[half][3] = second.y;
        }
    }

    static __device__ __forceinline__ void accumulate(float (&total)[4], const unsigned int (&a)[2][4],
            const uint2 (&b)[2], const RowScale<W>& low, const RowScale<W>& high, int group) {
        if constexpr (S::SCALE_COLUMNS == 0) {
            Tensor<T>::multiply(total, a[0], b[0]);
            Tensor<T>::multiply(total, a[1], b[1]);
        } else if constexpr (S::SCALE_COLUMNS == 16) {
#pragma unroll
            for (int half = 0; half < 2; half++) {
                float sum[4] = {0, 0, 0, 0};
                Tensor<T>::multiply(sum, a[half], b[half]);
                addScaled(total, sum, low.scale(2 * group + half), high.scale(2 * group + half));
            }
        } else {
            float sum[4] = {0, 0, 0, 0};
            Tensor<T>::multiply(sum, a[0], b[0]);
            Tensor<T>::multiply(sum, a[1], b[1]);
            addScaled(total, sum, low.scale(group), high.scale(group));
            if constexpr (S::MINIMUM) {
                const unsigned int ones[4] = {Tensor<T>::ONES, Tensor<T>::ONES, Tensor<T>::ONES, Tensor<T>::ONES};
                float plain[4] = {0, 0, 0, 0};
                Tensor<T>::multiply(plain, ones, b[0]);
                Tensor<T>::multiply(plain, ones, b[1]);
                addScaled(total, plain, low.lessMinimum(group, Tensor<T>::OFFSET),
                          high.lessMinimum(group, Tensor<T>::OFFSET));
            }
        }
    }

    static __device__ __forceinline__ void addScaled(float (&total)[4], const float (&sum)[4], float low, float high) {
        total[0] = fmaf(low, sum[0], total[0]);
        total[1] = fmaf(low, sum[1], total[1]);
        total[2] = fmaf(high, sum[2], total[2]);
        total[3] = fmaf(high, sum[3], total[3]);
    }

    // Streams this warp's slices; leaves the sums of slice s at sums[s].
    __device__ __forceinline__ void run(float* sums) const {
        int warps = blockDim.x >> 5;
        int warp = threadIdx.x >> 5;
        int stages = (columns + S::COLUMNS - 1) / S::COLUMNS;
        int bytes = stageBytes();
        char* mine = ring + warp * STAGES * bytes;
        StageCursor ahead(warp, warps, stages);
        StageCursor at(warp, warps, stages);
        float total[M_TILES][N_TILES][4] = {};
        int slot = 0;
        int freeSlot = 0;
        // The first steps only start copies.
#pragma unroll 1
        for (int step = 1 - STAGES; at.valid(); step++) {
            if (step >= 0) {
                awaitCopies<STAGES - 2>();
                // Now every lane's copies of this stage are there, and no lane reads the stage before it any more.
                __syncwarp();
            }
            if (ahead.valid()) {
                load(mine + freeSlot * bytes, ahead.stage);
                ahead.next();
            }
            commitCopies();
            freeSlot = freeSlot + 1 == STAGES ? 0 : freeSlot + 1;
            if (step >= 0) {
                multiply(mine + slot * bytes, at.stage * S::COLUMNS, total);
                if (at.endsSlice()) {
                    store(sums + at.slice * M_TILES * N_TILES * 128, total);
                }
                slot = slot + 1 == STAGES ? 0 : slot + 1;
                at.next();
            }
        }
    }

    __device__ __forceinline__ void store(float* slice, float (&total)[M_TILES][N_TILES][4]) const {
#pragma unroll
        for (int i = 0; i < M_TILES * N_TILES * 4; i++) {
            float& sum = total[i / 4 / N_TILES][i / 4 % N_TILES][i % 4];
            slice[32 * i + lane] = sum;
            sum = 0;
        }
    }

    // Adds the slices and the bias. Consecutive threads write consecutive outputs of a token.
    __device__ __forceinline__ void finish(const float* sums, const float* bias, Out* out) const {
        int slices = min(FLAT_SLICES, (columns + S::COLUMNS - 1) / S::COLUMNS);
#pragma unroll 1
        for (int i = threadIdx.x; i < OUTPUTS * rows; i += blockDim.x) {
            int output = i % OUTPUTS;
            int token = i / OUTPUTS;
            int tile = output / 16 * N_TILES + token / 8;
            int at = (4 * tile + (output >> 3 & 1) * 2 + (token & 1)) * 32 + (output & 7) * 4 + (token >> 1 & 3);
            float sum = 0;
#pragma unroll 1
            for (int slice = 0; slice < slices; slice++) {
                sum += sums[slice * M_TILES * N_TILES * 128 + at];
            }
            if (firstOutput + output < outputs) {
                sum += bias == nullptr ? 0.0f : bias[firstOutput + output];
                storeNumber<T>(out, (long)token * outputs + firstOutput + output, sum);
            }
        }
    }
};

template <typename W, typename T, int M_TILES, int N_TILES, int STAGES, typename Out>
static __device__ __forceinline__ void flatTiles(const void* weight, const unsigned short* scale, const float* bias,
        const typename T::Storage* x, Out* out, int rows, int outputs, int columns) {
    extern __shared__ __align__(16) char shared[];
    using Block = Flat<W, T, M_TILES, N_TILES, STAGES, Out>;
    float* sums = (float*)shared;
    Block block;
    block.weight = (const char*)weight;
    block.scale = scale;
    block.x = x;
    block.rows = rows;
    block.outputs = outputs;
    block.columns = columns;
    block.firstOutput = blockIdx.x * Block::OUTPUTS;
    block.lane = threadIdx.x & 31;
    block.ring = shared + FLAT_SLICES * M_TILES * N_TILES * 128 * sizeof(float);
    block.begin();
    block.run(sums);
    __syncthreads();
    block.finish(sums, bias, out);
}

template <typename W, typename T, typename Out>
static __device__ __forceinline__ void flat(const void* weight, const unsigned short* scale, const float* bias,
        const typename T::Storage* x, Out* out, int rows, int outputs, int columns) {
    constexpr int STAGES = Staged<W>::STAGES;
    if (rows <= 8) {
        flatTiles<W, T, 1, 1, STAGES, Out>(weight, scale, bias, x, out, rows, outputs, columns);
    } else {
        // Sixteen tokens take so much of a stage that packed weights can have two of them only.
        flatTiles<W, T, 2, 2, STAGES == 3 ? 2 : STAGES, Out>(weight, scale, bias, x, out, rows, outputs, columns);
    }
}
