// split_blocks: takes the f16 scale out of each block of a packed weight and puts blocks and scales into planes of
// their own, so that the rest of a block starts at a multiple of 16 bytes.
//
// Layout: raw [block][blockBytes], aligned to 2 bytes, scale at scaleOffset, 0 or mainBytes; main [block][mainBytes],
// mainBytes = blockBytes - 2, a multiple of 16; scale [block] f16.
//   Q8_0  blockBytes 34, scaleOffset 0, mainBytes 32     Q4_0  18, 0, 16     Q6_K  210, 208, 208
// Floor, bytes: 2 * blockBytes per block: memory-bound; runs once per weight.
// Geometry: SPLIT_THREADS threads, each 16 bytes of main: grid x = ceil(blocks * mainBytes / (16 * SPLIT_THREADS)).
#pragma once

constexpr int SPLIT_THREADS = 256;

extern "C" __global__ void __launch_bounds__(SPLIT_THREADS)
    split_blocks(const unsigned char* raw, unsigned char* main, unsigned short* scale, long blocks, int blockBytes,
                 int scaleOffset, int mainBytes) {
    int parts = mainBytes / 16;
    long at = (long)blockIdx.x * SPLIT_THREADS + threadIdx.x;
    long block = at / parts;
    int part = (int)(at % parts);
    if (block >= blocks) {
        return;
    }
    const unsigned char* from = raw + block * blockBytes;
    int offset = part * 16 < scaleOffset ? part * 16 : part * 16 + 2;
    const unsigned short* halves = reinterpret_cast<const unsigned short*>(from + offset);
    uint4 bits;
    bits.x = halves[0] | (unsigned)halves[1] << 16;
    bits.y = halves[2] | (unsigned)halves[3] << 16;
    bits.z = halves[4] | (unsigned)halves[5] << 16;
    bits.w = halves[6] | (unsigned)halves[7] << 16;
    *reinterpret_cast<uint4*>(main + block * mainBytes + part * 16) = bits;
    if (part == 0) {
        scale[block] = *reinterpret_cast<const unsigned short*>(from + scaleOffset);
    }
}
