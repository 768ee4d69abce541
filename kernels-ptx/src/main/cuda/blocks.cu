// Byte moves that no element type enters.
#include "copy_blocks.cu"
#include "split_blocks.cu"
