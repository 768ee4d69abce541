// Paged causal attention without tensor cores, for any head length up to 256 and any number of rows: f32 models, and
// head lengths that the tiles do not come in. Layouts are in attention_item.cuh.
//
// A block takes 16 query rows, four per warp, and brings 32 positions of keys and values at a time to shared memory as
// f32. For scores a lane is a position; for outputs it is every 32nd element of the head, up to eight of them.
//
// Floor, for an item of R rows over n positions: reads 2 * n * headDim * sizeof(T) bytes of keys and values for every
// 16 rows; 4 * R * n * headDim FLOPs on the ordinary units, which bound it from about 4 rows on.
//
// Launch: grid (items, kvHeads, ceil(most rows of an item / 16)), block 128,
// dynamic shared memory 4 * (32 * (headDim + 1) + 32 * headDim + 16 * headDim) bytes.
#include "attention_item.cuh"

constexpr int ROWS = 16;
constexpr int WARP_ROWS = 4;
constexpr int COLUMNS = 32;
constexpr int ELEMENTS_PER_LANE = 8;

// Rows of keys are one element longer than the head, so that 32 lanes reading 32 rows meet 32 banks.
struct AnyTiles {
    float* keys;     // [COLUMNS][headDim + 1]
    float* values;   // [COLUMNS][headDim]
    float* queries;  // [ROWS][headDim]

    __device__ __forceinline__ AnyTiles(float* shared, int headDim)
        : keys(shared), values(shared + COLUMNS * (headDim + 1)), queries(values + COLUMNS * headDim) {}
};

static __device__ __forceinline__ void bringQueries(
        const AttentionCall<TYPE>& call, const AttentionItem& item, int firstRow, int rows, int headDim,
        const AnyTiles& tiles) {
    const int group = call.heads / call.kvHeads;
    for (int row = threadIdx.x / 32; row < rows; row += 4) {
        const int token = item.firstToken + (firstRow + row) / group;
        const int head = blockIdx.y * group + (firstRow + row) % group;
        const TYPE::Storage* query = call.q + ((long)token * call.heads + head) * headDim;
        for (int d = threadIdx.x & 31; d < headDim; d += 32) {
            tiles.queries[row * headDim + d] = TYPE::toFloat(query[d]);
        }
    }
}

// Positions outside the range are not read; nobody uses their places.
static __device__ __forceinline__ void bringTile(
        const AttentionCall<TYPE>& call, const AttentionItem& item, int tileStart, Visible range, int headDim,
        const AnyTiles& tiles) {
    const int tokenBits = 31 - __clz(call.blockTokens);
    for (int column = threadIdx.x / 32; column < COLUMNS; column += 4) {
        const int position = tileStart + column;
        if (position < range.from || position >= range.to) {
            continue;
        }
        const int block = call.blocks[item.blockOffset + (position >> tokenBits)];
        const int token = position & (call.blockTokens - 1);
        const TYPE::Storage* key = call.pool + block * call.blockStride + call.layerOffset
                + ((long)blockIdx.y * call.blockTokens + token) * headDim;
        const TYPE::Storage* value = key + (long)call.kvHeads * call.blockTokens * headDim;
        for (int d = threadIdx.x & 31; d < headDim; d += 32) {
            tiles.keys[column * (headDim + 1) + d] = TYPE::toFloat(key[d]);
            tiles.values[column * headDim + d] = TYPE::toFloat(value[d]);
        }
    }
}

static __device__ __forceinline__ float largestOfWarp(float value) {
#pragma unroll
    for (int lanes = 16; lanes > 0; lanes /= 2) {
        value = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, lanes));
    }
    return value;
}

// The running softmax and output of one query row, spread over a warp.
struct AnyRow {
    float out[ELEMENTS_PER_LANE];
    float largest;
    float sum;  // of this lane's positions
    Visible visible;

    __device__ __forceinline__ void clear(Visible seen) {
        visible = seen;
        largest = -INFINITY;
        sum = 0;
#pragma unroll
        for (int i = 0; i < ELEMENTS_PER_LANE; i++) {
            out[i] = 0;
        }
    }

    __device__ __forceinline__ void addTile(
            const float* query, const AnyTiles& tiles, int tileStart, int headDim, const ScoreScale& scale) {
        const int lane = threadIdx.x & 31;
        const int from = max(visible.from - tileStart, 0);
        const int to = min(visible.to - tileStart, COLUMNS);
        if (from >= to) {
            return;
        }
        float score = -INFINITY;
        if (lane >= from && lane < to) {
            score = 0;
            for (int d = 0; d < headDim; d++) {
                score = fmaf(query[d], tiles.keys[lane * (headDim + 1) + d], score);
            }
            score = scale.cap != 0 ? tanhBounded(score * scale.cap) : score;
        }
        const float highest = fmaxf(largest, largestOfWarp(score));
        const float base = exponentBase(highest, scale.factor);
        const float shrink = exp2Fast(fmaf(largest, scale.factor, -base));
        const float weight = exp2Fast(fmaf(score, scale.factor, -base));
        largest = highest;
        sum = fmaf(sum, shrink, weight);
#pragma unroll
        for (int i = 0; i < ELEMENTS_PER_LANE; i++) {
            out[i] *= shrink;
        }
        for (int column = from; column < to; column++) {
            const float one = __shfl_sync(0xffffffffu, weight, column);
#pragma unroll
            for (int i = 0; i < ELEMENTS_PER_LANE; i++) {
                if (lane + 32 * i < headDim) {
                    out[i] = fmaf(one, tiles.values[column * headDim + lane + 32 * i], out[i]);
                }
            }
        }
    }

    __device__ __forceinline__ void write(
            const AttentionCall<TYPE>& call, const AttentionItem& item, int row, int headDim, float factor) {
        const int lane = threadIdx.x & 31;
        const int group = call.heads / call.kvHeads;
        const int token = row / group;
        const int head = blockIdx.y * group + row % group;
        float total = sum;
#pragma unroll
        for (int lanes = 16; lanes > 0; lanes /= 2) {
            total += __shfl_xor_sync(0xffffffffu, total, lanes);
        }
        const float inverse = total > 0 ? 1 / total : 0;
        const long slot = (long)(item.partial + token) * call.heads + head;
        const long at = ((long)(item.firstToken + token) * call.heads + head) * headDim;
#pragma unroll
        for (int i = 0; i < ELEMENTS_PER_LANE; i++) {
            const int d = lane + 32 * i;
            if (d < headDim && item.partial < 0) {
                call.out[at + d] = TYPE::fromFloat(out[i] * inverse);
            } else if (d < headDim) {
                call.partialOut[slot * headDim + d] = out[i] * inverse;
            }
        }
        if (item.partial >= 0 && lane == 0) {
            call.partialLse[slot] = naturalLogOfSum(exponentBase(largest, factor), total);
        }
    }
};

KERNEL __launch_bounds__(128) TYPED(attention_any)(ATTENTION_PARAMETERS(TYPE), int headDim) {
    extern __shared__ float shared[];
    const AttentionCall<TYPE> call = ATTENTION_CALL(TYPE);
    const AttentionItem item = loadItem(items, blockIdx.x);
    const int group = heads / kvHeads;
    const int firstRow = ROWS * blockIdx.z;
    const int rows = min(ROWS, item.tokenCount * group - firstRow);
    if (rows <= 0) {
        return;
    }
    const Visible range = visibleToAny(
            item, positions, item.firstToken + firstRow / group,
            item.firstToken + (firstRow + rows - 1) / group + 1);
    const ScoreScale exponents = scoreScale(scale, softCap);
    const AnyTiles tiles(shared, headDim);
    const int warpRow = threadIdx.x / 32 * WARP_ROWS;
    AnyRow mine[WARP_ROWS];
#pragma unroll
    for (int i = 0; i < WARP_ROWS; i++) {
        const int token = item.firstToken + (firstRow + warpRow + i) / group;
        mine[i].clear(warpRow + i < rows ? visibleAt(item, positions[token]) : Visible{0, 0});
    }
    bringQueries(call, item, firstRow, rows, headDim, tiles);
    for (int tileStart = range.from & ~(COLUMNS - 1); tileStart < range.to; tileStart += COLUMNS) {
        __syncthreads();
        bringTile(call, item, tileStart, range, headDim, tiles);
        __syncthreads();
#pragma unroll
        for (int i = 0; i < WARP_ROWS; i++) {
            mine[i].addTile(tiles.queries + (warpRow + i) * headDim, tiles, tileStart, headDim, exponents);
        }
    }
#pragma unroll
    for (int i = 0; i < WARP_ROWS; i++) {
        if (warpRow + i < rows) {
            mine[i].write(call, item, firstRow + warpRow + i, headDim, exponents.factor);
        }
    }
}
