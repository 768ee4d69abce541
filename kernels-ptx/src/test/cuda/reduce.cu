// A block-wide sum: loads, a loop, shuffles, shared memory, a barrier and library functions.
#include <cuda_bf16.h>

extern "C" __global__ void weighted_squares(const __nv_bfloat16* x, const float* weight, float* out, int n) {
    __shared__ float sums[32];
    float sum = 0;
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        float v = __bfloat162float(x[i]);
        sum += v * v * weight[i];
    }
    for (int step = 16; step; step >>= 1) sum += __shfl_xor_sync(~0u, sum, step);
    if ((threadIdx.x & 31) == 0) sums[threadIdx.x >> 5] = sum;
    __syncthreads();
    if (threadIdx.x == 0) {
        float total = 0;
        for (int i = 0; i < blockDim.x / 32; i++) total += sums[i];
        out[blockIdx.x] = total / sqrtf(total + 1e-5f) + expf(total) + sinf(total);
    }
}
