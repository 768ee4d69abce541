// Attention of up to 16 query rows per block: decodes, and small chunks or prefixes shared by few sequences.
//
// The rows fit one warp's matrix tile, so the four warps of a block split the item's positions instead (Flash-Decoding
// within a block): warp w takes tiles w, w + 4, ... Each copies into two stages of shared memory of its own, the next
// tile under way while one is computed on, and meets the others only at the end, where the four results are merged. All
// query heads of a key/value head are rows of the same tile, since without that decode with grouped heads reads memory
// at less than half its rate (FlashInfer).
//
// Floor, for an item of R rows over n positions: reads 4 * n * D bytes of keys and values, which is nearly all there
// is; 4 * 16 * n * D FLOPs with the rows that pad the tile, 16 FLOPs per byte, far below any tensor core's balance.
//
// Launch: grid (items, kvHeads, ceil(most rows of an item / 16)), block 128,
// dynamic shared memory Tile16<D>::SHARED_BYTES = 16 tiles of COLUMNS x D, COLUMNS = 32 where D = 64, else 16.
#pragma once

#include "attention_tile.cuh"

template <int D>
struct Tile16 {
    static const int ROWS = 16;
    static const int WARPS = 4;
    // A tile of keys is 4 KiB or a little less, so that three blocks and their copies fit a multiprocessor.
    static const int COLUMNS = D <= 64 ? 32 : 16;
    static const int TILE_BYTES = Tile<COLUMNS, D>::BYTES;
    static const int SHARED_BYTES = WARPS * 4 * TILE_BYTES;
    // Blocks that a multiprocessor's registers shall hold, not more than its shared memory does.
    static const int BLOCKS = D <= 128 ? 3 : 1;
    // Rows of the merge are padded so that the eight rows a store touches begin in different banks.
    static const int MERGE_STRIDE = D + 8;
    static_assert(WARPS * ROWS * (MERGE_STRIDE + 2) * 4 <= SHARED_BYTES, "the merge reuses the tiles' memory");

    static __device__ __forceinline__ unsigned stage(unsigned shared, int tile) {
        return shared + (4 * (threadIdx.x / 32) + 2 * (tile & 1)) * TILE_BYTES;
    }
};

// Reads the left operand straight from memory: four bytes of row lane / 4, and of the row eight below.
template <class T, int D>
__device__ __forceinline__ void loadQueries(
        unsigned (&query)[D / 16][4], const AttentionCall<T>& call, const AttentionItem& item, int kvHead, int group,
        int firstRow, int rowCount) {
    const int lane = threadIdx.x & 31;
#pragma unroll
    for (int half = 0; half < 2; half++) {
        const int row = firstRow + lane / 4 + 8 * half;
        const long at = ((long)(item.firstToken + row / group) * call.heads + kvHead * group + row % group) * D;
        const unsigned* source = reinterpret_cast<const unsigned*>(call.q + at + 2 * (lane & 3));
#pragma unroll
        for (int k = 0; k < D / 16; k++) {
            query[k][half] = row < rowCount ? source[8 * k] : 0;
            query[k][half + 2] = row < rowCount ? source[8 * k + 4] : 0;
        }
    }
}

// What the warps leave in shared memory for the merge: [warp][row][MERGE_STRIDE] unnormalised outputs, then [warp][row]
// exponents of two of the largest score, then [warp][row] sums.
template <int D>
struct WarpResults {
    typedef Tile16<D> Plan;
    float* out;
    float* largest;
    float* sum;

    __device__ __forceinline__ explicit WarpResults(unsigned char* shared)
        : out(reinterpret_cast<float*>(shared)),
          largest(out + Plan::WARPS * Plan::ROWS * Plan::MERGE_STRIDE),
          sum(largest + Plan::WARPS * Plan::ROWS) {}

    template <class T>
    __device__ __forceinline__ void leave(const WarpRows<T, D>& rows, float factor) {
        const int lane = threadIdx.x & 31;
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const int row = threadIdx.x / 32 * Plan::ROWS + lane / 4 + 8 * half;
            float* target = out + row * Plan::MERGE_STRIDE + 2 * (lane & 3);
#pragma unroll
            for (int n = 0; n < D / 8; n++) {
                *reinterpret_cast<float2*>(target + 8 * n) =
                        make_float2(rows.out[n][2 * half], rows.out[n][2 * half + 1]);
            }
            if ((lane & 3) == 0) {
                largest[row] = rows.largest[half] * factor;
                sum[row] = rows.sum[half];
            }
        }
    }
};

// Four columns of a row at a time.
template <class T, int D>
__device__ __forceinline__ void mergeWarps(
        const AttentionCall<T>& call, const AttentionItem& item, int kvHead, int group, int firstRow, int rowCount,
        const WarpResults<D>& results) {
    typedef Tile16<D> Plan;
    const int rows = min(Plan::ROWS, rowCount - firstRow);
    for (int i = threadIdx.x; i < rows * (D / 4); i += 128) {
        const int row = i / (D / 4);
        const int column = i % (D / 4) * 4;
        float largest = -INFINITY;
#pragma unroll
        for (int warp = 0; warp < Plan::WARPS; warp++) {
            largest = fmaxf(largest, results.largest[warp * Plan::ROWS + row]);
        }
        const float base = largest == -INFINITY ? 0 : largest;
        float sum = 0;
        float4 out = make_float4(0, 0, 0, 0);
#pragma unroll
        for (int warp = 0; warp < Plan::WARPS; warp++) {
            const int at = warp * Plan::ROWS + row;
            const float weight = exp2Fast(results.largest[at] - base);
            const float4 part = *reinterpret_cast<const float4*>(results.out + at * Plan::MERGE_STRIDE + column);
            sum = fmaf(weight, results.sum[at], sum);
            out.x = fmaf(weight, part.x, out.x);
            out.y = fmaf(weight, part.y, out.y);
            out.z = fmaf(weight, part.z, out.z);
            out.w = fmaf(weight, part.w, out.w);
        }
        const float inverse = sum > 0 ? 1 / sum : 0;
        const int token = (firstRow + row) / group;
        const int head = kvHead * group + (firstRow + row) % group;
        if (item.partial < 0) {
            const long at = ((long)(item.firstToken + token) * call.heads + head) * D + column;
            *reinterpret_cast<uint2*>(call.out + at) = make_uint2(
                    Tensor<T>::pack(out.x * inverse, out.y * inverse),
                    Tensor<T>::pack(out.z * inverse, out.w * inverse));
        } else {
            const long slot = (long)(item.partial + token) * call.heads + head;
            *reinterpret_cast<float4*>(call.partialOut + slot * D + column) =
                    make_float4(out.x * inverse, out.y * inverse, out.z * inverse, out.w * inverse);
            if (column == 0) {
                call.partialLse[slot] = naturalLogOfSum(base, sum);
            }
        }
    }
}

template <class T, int D>
__device__ __forceinline__ void attentionTile16(const AttentionCall<T>& call) {
    typedef Tile16<D> Plan;
    constexpr int COLUMNS = Plan::COLUMNS;
    constexpr int STRIDE = Plan::WARPS * COLUMNS;
    extern __shared__ __align__(128) unsigned char sharedBytes[];
    const unsigned shared = sharedAddress(sharedBytes);
    const AttentionItem item = loadItem(call.items, blockIdx.x);
    const int kvHead = blockIdx.y;
    const int group = call.heads / call.kvHeads;
    const int rowCount = item.tokenCount * group;
    const int firstRow = Plan::ROWS * blockIdx.z;
    if (firstRow >= rowCount) {
        return;
    }
    WarpRows<T, D> rows;
    rows.clear();
    rows.look(item, call.positions, firstRow, rowCount, group);
    const ScoreScale scale = scoreScale(call.scale, call.softCap);
    const PagedHead<T> cache(call, item, kvHead, D, rows.any.to);
    const int lane = threadIdx.x & 31;
    int tileStart = (rows.any.from & ~7) + threadIdx.x / 32 * COLUMNS;
    if (tileStart < rows.any.to) {
        int block = cache.blockOfEightRows(tileStart, COLUMNS);
        unsigned stage = Plan::stage(shared, 0);
        cache.template copy<COLUMNS, D, 32>(stage, stage + Plan::TILE_BYTES, tileStart, rows.any.from, block, lane);
        commitCopies();
        block = cache.blockOfEightRows(tileStart + STRIDE, COLUMNS);
        unsigned query[D / 16][4];
        loadQueries<T, D>(query, call, item, kvHead, group, firstRow, rowCount);
        for (int tile = 0; tileStart < rows.any.to; tile++, tileStart += STRIDE) {
            if (tileStart + STRIDE < rows.any.to) {
                stage = Plan::stage(shared, tile + 1);
                cache.template copy<COLUMNS, D, 32>(
                        stage, stage + Plan::TILE_BYTES, tileStart + STRIDE, 0, block, lane);
                block = cache.blockOfEightRows(tileStart + 2 * STRIDE, COLUMNS);
            }
            commitCopies();
            awaitCopies<1>();
            __syncwarp();
            stage = Plan::stage(shared, tile);
            float scores[COLUMNS / 8][4];
            clearScores<COLUMNS>(scores);
#pragma unroll
            for (int k = 0; k < D / 16; k++) {
                addScores<T, COLUMNS, D>(scores, query[k], stage, k);
            }
            rows.template softmax<COLUMNS>(scores, tileStart, scale);
            rows.template addValues<COLUMNS>(scores, stage + Plan::TILE_BYTES);
            __syncwarp();  // the copy after next goes where this tile was
        }
    }
    rows.gatherSums();
    __syncthreads();
    WarpResults<D> results(sharedBytes);
    results.leave(rows, scale.factor);
    __syncthreads();
    mergeWarps<T, D>(call, item, kvHead, group, firstRow, rowCount, results);
}
