// copy_blocks: copies blocks of one pool to blocks of another or the same: block pairs[2i] of `from` to block
// pairs[2i + 1] of `to`. A pair with a negative index is skipped, so that a graph may be launched with fewer pairs than
// it was captured for. No block is both read and written.
//
// Layout: from, to [block][blockBytes], both bases aligned to 16 bytes; pairs [pairCount][2] int32.
// Floor, bytes: 2 * blockBytes per pair: memory-bound.
// Geometry: COPY_THREADS threads; grid x = pairCount, grid y = parts of a block, as many as RowsGeometry.copyBlocks sets.
#pragma once

constexpr int COPY_THREADS = 256;

extern "C" __global__ void __launch_bounds__(COPY_THREADS)
    copy_blocks(const char* from, char* to, const int* pairs, int pairCount, long blockBytes) {
    int source = pairs[2 * blockIdx.x];
    int target = pairs[2 * blockIdx.x + 1];
    if (source < 0 || target < 0) {
        return;
    }
    const char* in = from + source * blockBytes;
    char* out = to + target * blockBytes;
    long thread = (long)blockIdx.y * COPY_THREADS + threadIdx.x;
    long threads = (long)gridDim.y * COPY_THREADS;
    // Blocks whose size is no multiple of 16 are not aligned but for the first.
    long whole = blockBytes % 16 == 0 ? blockBytes / 16 : 0;
    for (long i = thread; i < whole; i += threads) {
        reinterpret_cast<uint4*>(out)[i] = reinterpret_cast<const uint4*>(in)[i];
    }
    for (long i = whole * 16 + thread; i < blockBytes; i += threads) {
        out[i] = in[i];
    }
}
