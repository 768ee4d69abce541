// Sampling of rows of f32 logits, one file per kernel. A step launches sample_adjust where a row has adjustments,
// sample_greedy and sample_draw as rows need them, then, where log-probabilities are wanted, sample_restore and
// sample_logprobs. Every kernel passes over the rows that are not its own, so that all may be captured in one graph.
#include "sample_adjust.cu"
#include "sample_draw.cu"
#include "sample_greedy.cu"
#include "sample_logprobs.cu"
