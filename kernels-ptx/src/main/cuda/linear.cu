// The products of one weight type and one compute type:
//   gemv_<w>_<T>        1 to 16 tokens (linear_flat.cuh, or linear_flat_f32.cuh for f32)
//   gemm_<w>_<T>        any number of tokens in tiles of 128 x 128 (linear_tile.cuh); for f32 of 64 x 64
//                       (linear_tile_f32.cuh)
//   gemm64_<w>_<T>      the same in tiles of 64 x 64, which fill the device when tokens are few; not for f32
//   gemv_<w>_<T>_f32, gemm_<w>_<T>_f32   with f32 results, for logits; gemm in tiles of 64 x 64; not for f32
// Parameters, layouts and floors: linear_flat.cuh. Grid, block and shared memory: LinearGeometry.
#include "linear_flat.cuh"
#include "linear_flat_f32.cuh"
#include "linear_tile.cuh"
#include "linear_tile_f32.cuh"

#define PARAMETERS(Out)                                                                                       \
    const void *__restrict__ main, const unsigned short *__restrict__ scale, const float *__restrict__ bias, \
            const TYPE::Storage *__restrict__ x, Out *__restrict__ out, int rows, int outputs, int columns
#define ARGUMENTS main, scale, bias, x, out, rows, outputs, columns
#define WITH_F32(op) JOIN2(NAME(op), f32)

#ifdef TENSOR
KERNEL __launch_bounds__(256, 2) NAME(gemv)(PARAMETERS(TYPE::Storage)) {
    flat<WEIGHT, TYPE, TYPE::Storage>(ARGUMENTS);
}
KERNEL __launch_bounds__(256, 2) WITH_F32(gemv)(PARAMETERS(float)) {
    flat<WEIGHT, TYPE, float>(ARGUMENTS);
}
KERNEL __launch_bounds__(128, 2) NAME(gemm)(PARAMETERS(TYPE::Storage)) {
    tile<WEIGHT, TYPE, 128, TYPE::Storage>(ARGUMENTS);
}
KERNEL __launch_bounds__(128, 4) NAME(gemm64)(PARAMETERS(TYPE::Storage)) {
    tile<WEIGHT, TYPE, 64, TYPE::Storage>(ARGUMENTS);
}
KERNEL __launch_bounds__(128, 4) WITH_F32(gemm)(PARAMETERS(float)) {
    tile<WEIGHT, TYPE, 64, float>(ARGUMENTS);
}
#else
KERNEL __launch_bounds__(256, 2) NAME(gemv)(PARAMETERS(float)) {
    flatF32<WEIGHT>(ARGUMENTS);
}
KERNEL __launch_bounds__(256, 2) NAME(gemm)(PARAMETERS(float)) {
    tileF32<WEIGHT>(ARGUMENTS);
}
#endif
