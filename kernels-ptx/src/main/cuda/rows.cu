// Operations on rows of activations, one file each; compiled once per element type.
#include "activation.cu"
#include "add.cu"
#include "dequantize.cu"
#include "embed.cu"
#include "gather.cu"
#include "norm.cu"
#include "rope.cu"
#include "widen.cu"
