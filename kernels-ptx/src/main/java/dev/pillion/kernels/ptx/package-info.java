/**
 * Text of the Parallel Thread Execution ISA (PTX) as values: declarations, instructions and operands, with the lines
 * they came from. Nothing here knows what an instruction means.
 */
@NullMarked
package dev.pillion.kernels.ptx;

import org.jspecify.annotations.NullMarked;
