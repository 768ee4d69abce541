// Paged causal attention on tensor cores for one element type T (f16, bf16) and head length D (64, 80, 96, 128, 256),
// as two kernels that differ in the number of query rows a block takes: attention_tile16_<T>_d<D> and
// attention_tile64_<T>_d<D>. Layouts are in attention_item.cuh; what each kernel reads, computes and is launched with
// is at the head of its file. Accumulation and softmax are f32; weights are rounded to T for the product with the
// values.
//
// Compile with -DTYPE=<f16|bf16> -DHEAD_DIM=<head length>.
#include "attention_tile16.cuh"
#include "attention_tile64.cuh"

#define ENTRY_NAME(rows, type, length) attention_tile##rows##_##type##_d##length
#define ENTRY(rows, type, length) ENTRY_NAME(rows, type, length)

KERNEL __launch_bounds__(128, Tile16<HEAD_DIM>::BLOCKS) ENTRY(16, TYPE, HEAD_DIM)(ATTENTION_PARAMETERS(TYPE)) {
    attentionTile16<TYPE, HEAD_DIM>(ATTENTION_CALL(TYPE));
}

KERNEL __launch_bounds__(128, Tile64<HEAD_DIM>::BLOCKS) ENTRY(64, TYPE, HEAD_DIM)(ATTENTION_PARAMETERS(TYPE)) {
    attentionTile64<TYPE, HEAD_DIM>(ATTENTION_CALL(TYPE));
}
