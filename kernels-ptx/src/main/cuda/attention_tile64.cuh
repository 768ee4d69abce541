// Attention of up to 64 query rows per block: prefill chunks, and prefixes shared by many sequences.
//
// FlashAttention-2's scheme (Dao 2023, section 3.2 and 3.3): each of four warps owns 16 rows and runs over the keys by
// itself, so that warps exchange nothing; the block shares each tile of keys and values, copied asynchronously into one
// of two stages while the other is computed on. Tiles that no row sees are not read: those above the diagonal, those
// before the window, those of other items. A warp leaves out tiles that none of its own rows sees.
//
// Floor, for an item of R rows over n positions: reads 4 * n * D bytes of keys and values and 2 * R * D of queries,
// writes 2 * R * D bytes, or 4 * R * D of partial results; 4 * R * n * D FLOPs, about half of them visible where the
// positions are the rows' own (causal).
//
// Launch: grid (items, kvHeads, ceil(most rows of an item / 64)), block 128,
// dynamic shared memory Tile64<D>::SHARED_BYTES, which is what AttentionGeometry.TILE64 computes:
// D <= 128: 4 tiles of 64 x D; D = 256: 4 tiles of 32 x D and the queries, 64 x D.
#pragma once

#include "attention_tile.cuh"

template <int D>
struct Tile64 {
    static const int ROWS = 64;
    // With 256 elements the outputs of a row fill 128 registers of each thread, so queries stay in shared memory.
    static const bool QUERIES_IN_REGISTERS = D <= 128;
    static const int COLUMNS = D <= 128 ? 64 : 32;
    static const int TILE_BYTES = Tile<COLUMNS, D>::BYTES;
    static const int QUERY_BYTES = Tile<ROWS, D>::BYTES;
    static const int SHARED_BYTES = 4 * TILE_BYTES + (QUERIES_IN_REGISTERS ? 0 : QUERY_BYTES);
    // The second stage is free until the first tile has come, long enough to hand over the queries.
    static const int QUERIES_AT = QUERIES_IN_REGISTERS ? 2 * TILE_BYTES : 4 * TILE_BYTES;
    // Blocks that a multiprocessor's registers shall hold: the most that needs no spills.
    static const int BLOCKS = D <= 64 ? 4 : D <= 96 ? 3 : 2;
};

template <class T, int D>
__device__ __forceinline__ void copyQueries(
        const AttentionCall<T>& call, const AttentionItem& item, int kvHead, int group, int firstRow, int rowCount,
        unsigned shared) {
    typedef Tile<64, D> Shape;
#pragma unroll 2
    for (int i = 0; i < 64 * Shape::CHUNKS / 128; i++) {
        const int row = (i * 128 + threadIdx.x) / Shape::CHUNKS;
        const int chunk = (i * 128 + threadIdx.x) % Shape::CHUNKS;
        const bool exists = firstRow + row < rowCount;
        const int token = item.firstToken + (firstRow + row) / group;
        const int head = kvHead * group + (firstRow + row) % group;
        const long at = exists ? ((long)token * call.heads + head) * D + 8 * chunk : 0;
        copyAsync16(shared + Shape::offset(row, chunk), call.q + at, exists ? 16 : 0);
    }
}

template <class T, int D>
__device__ __forceinline__ void loadQuery(unsigned (&query)[4], unsigned shared, int k) {
    const int lane = threadIdx.x & 31;
    const int row = threadIdx.x / 32 * 16 + lane % 16;
    loadMatrices(shared + Tile<64, D>::offset(row, 2 * k ^ lane / 16), query);
}

template <class T, int D>
__device__ __forceinline__ void writeRows(
        const AttentionCall<T>& call, const WarpRows<T, D>& rows, const ScoreScale& scale) {
    const int lane = threadIdx.x & 31;
    const AttentionItem item = loadItem(call.items, blockIdx.x);
    const int kvHead = blockIdx.y;
    const int group = call.heads / call.kvHeads;
    const int rowCount = item.tokenCount * group;
    const int warpRow = 64 * blockIdx.z + threadIdx.x / 32 * 16;
#pragma unroll
    for (int half = 0; half < 2; half++) {
        const int row = warpRow + lane / 4 + 8 * half;
        if (row >= rowCount) {
            continue;
        }
        const int token = row / group;
        const int head = kvHead * group + row % group;
        const float inverse = rows.sum[half] > 0 ? 1 / rows.sum[half] : 0;
        if (item.partial < 0) {
            unsigned* out = reinterpret_cast<unsigned*>(
                    call.out + ((long)(item.firstToken + token) * call.heads + head) * D + 2 * (lane & 3));
#pragma unroll
            for (int n = 0; n < D / 8; n++) {
                out[4 * n] = Tensor<T>::pack(rows.out[n][2 * half] * inverse, rows.out[n][2 * half + 1] * inverse);
            }
        } else {
            const long slot = (long)(item.partial + token) * call.heads + head;
            float2* out = reinterpret_cast<float2*>(call.partialOut + slot * D + 2 * (lane & 3));
#pragma unroll
            for (int n = 0; n < D / 8; n++) {
                out[4 * n] = make_float2(rows.out[n][2 * half] * inverse, rows.out[n][2 * half + 1] * inverse);
            }
            if ((lane & 3) == 0) {
                call.partialLse[slot] =
                        naturalLogOfSum(exponentBase(rows.largest[half], scale.factor), rows.sum[half]);
            }
        }
    }
}

template <class T, int D>
__device__ __forceinline__ void attentionTile64(const AttentionCall<T>& call) {
    typedef Tile64<D> Plan;
    constexpr int COLUMNS = Plan::COLUMNS;
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
    const int lastRow = min(rowCount, firstRow + Plan::ROWS) - 1;
    const Visible range = visibleToAny(
            item, call.positions, item.firstToken + firstRow / group, item.firstToken + lastRow / group + 1);
    const int warpRow = firstRow + threadIdx.x / 32 * 16;
    WarpRows<T, D> rows;
    rows.clear();
    rows.look(item, call.positions, warpRow, rowCount, group);
    const ScoreScale scale = scoreScale(call.scale, call.softCap);
    const PagedHead<T> cache(call, item, kvHead, D, range.to);
    if (range.from < range.to) {
        int tileStart = range.from & ~7;
        unsigned stage = shared;
        int block = cache.blockOfEightRows(tileStart, COLUMNS);
        copyQueries<T, D>(call, item, kvHead, group, firstRow, rowCount, shared + Plan::QUERIES_AT);
        cache.template copy<COLUMNS, D, 128>(
                stage, stage + Plan::TILE_BYTES, tileStart, range.from, block, threadIdx.x);
        commitCopies();
        block = cache.blockOfEightRows(tileStart + COLUMNS, COLUMNS);
        unsigned query[Plan::QUERIES_IN_REGISTERS ? D / 16 : 1][4];
        if (Plan::QUERIES_IN_REGISTERS) {
            awaitCopies<0>();
            __syncthreads();
#pragma unroll
            for (int k = 0; k < D / 16; k++) {
                loadQuery<T, D>(query[Plan::QUERIES_IN_REGISTERS ? k : 0], shared + Plan::QUERIES_AT, k);
            }
        }
        for (; tileStart < range.to; tileStart += COLUMNS) {
            awaitCopies<0>();
            __syncthreads();  // this stage has come, and nobody still reads the other
            const unsigned keys = stage;
            stage = 2 * shared + 2 * Plan::TILE_BYTES - stage;  // the other one
            if (tileStart + COLUMNS < range.to) {
                cache.template copy<COLUMNS, D, 128>(
                        stage, stage + Plan::TILE_BYTES, tileStart + COLUMNS, 0, block, threadIdx.x);
                commitCopies();
                block = cache.blockOfEightRows(tileStart + 2 * COLUMNS, COLUMNS);
            }
            if (!rows.seesBeyond(tileStart)) {
                continue;
            }
            float scores[COLUMNS / 8][4];
            clearScores<COLUMNS>(scores);
#pragma unroll
            for (int k = 0; k < D / 16; k++) {
                if (!Plan::QUERIES_IN_REGISTERS) {
                    loadQuery<T, D>(query[0], shared + Plan::QUERIES_AT, k);
                }
                addScores<T, COLUMNS, D>(scores, query[Plan::QUERIES_IN_REGISTERS ? k : 0], keys, k);
            }
            rows.template softmax<COLUMNS>(scores, tileStart, scale);
            rows.template addValues<COLUMNS>(scores, keys + Plan::TILE_BYTES);
        }
    }
    rows.gatherSums();
    writeRows<T, D>(call, rows, scale);
}
