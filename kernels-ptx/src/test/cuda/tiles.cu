// c[64, 64] = a[64, k] x b[64, k]^T in bf16 with cp.async into two buffers, ldmatrix and mma.sync; k a multiple of 32. One
// block of 4 warps, each with 16 rows.
#include <cuda_bf16.h>

constexpr int SIDE = 64;
constexpr int STEP = 32;

__device__ __forceinline__ unsigned shared_address(const void* p) { return (unsigned)__cvta_generic_to_shared(p); }

// Rows of 64 bytes; pieces of 16 are swapped within a row by its number, so that ldmatrix meets no bank twice.
__device__ __forceinline__ __nv_bfloat16* piece(__nv_bfloat16* tile, int row, int part) {
    return tile + row * STEP + ((part ^ (row >> 1 & 3)) * 8);
}

__device__ __forceinline__ void fetch(__nv_bfloat16* tile, const __nv_bfloat16* from, int k, int step) {
    for (int i = threadIdx.x; i < SIDE * STEP / 8; i += 128) {
        int row = i / 4, part = i % 4;
        asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(piece(tile, row, part))),
                     "l"(from + (long)row * k + step * STEP + part * 8));
    }
}

extern "C" __global__ void __launch_bounds__(128) multiply_tiles(const __nv_bfloat16* a, const __nv_bfloat16* b, float* c, int k) {
    extern __shared__ __align__(16) __nv_bfloat16 tiles[];
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    float sums[8][4] = {};
    int steps = k / STEP;
    auto tile = [&](int which, int buffer) { return tiles + (2 * buffer + which) * SIDE * STEP; };
    fetch(tile(0, 0), a, k, 0);
    fetch(tile(1, 0), b, k, 0);
    asm volatile("cp.async.commit_group;");
    for (int step = 0; step < steps; step++) {
        int buffer = step & 1;
        if (step + 1 < steps) {
            fetch(tile(0, buffer ^ 1), a, k, step + 1);
            fetch(tile(1, buffer ^ 1), b, k, step + 1);
        }
        asm volatile("cp.async.commit_group;");
        asm volatile("cp.async.wait_group 1;");
        __syncthreads();
        for (int half = 0; half < 2; half++) {
            unsigned fa[4];
            asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                         : "=r"(fa[0]), "=r"(fa[1]), "=r"(fa[2]), "=r"(fa[3])
                         : "r"(shared_address(piece(tile(0, buffer), 16 * warp + lane % 16, 2 * half + lane / 16))));
            for (int n = 0; n < 8; n++) {
                unsigned fb[2];
                asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0, %1}, [%2];"
                             : "=r"(fb[0]), "=r"(fb[1])
                             : "r"(shared_address(piece(tile(1, buffer), 8 * n + lane % 8, 2 * half + lane / 8 % 2))));
                asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
                             "{%8, %9}, {%0, %1, %2, %3};"
                             : "+f"(sums[n][0]), "+f"(sums[n][1]), "+f"(sums[n][2]), "+f"(sums[n][3])
                             : "r"(fa[0]), "r"(fa[1]), "r"(fa[2]), "r"(fa[3]), "r"(fb[0]), "r"(fb[1]));
            }
        }
        __syncthreads();
    }
    for (int n = 0; n < 8; n++) {
        for (int i = 0; i < 4; i++) {
            int row = 16 * warp + lane / 4 + 8 * (i / 2);
            c[row * SIDE + 8 * n + 2 * (lane % 4) + i % 2] = sums[n][i];
        }
    }
}
