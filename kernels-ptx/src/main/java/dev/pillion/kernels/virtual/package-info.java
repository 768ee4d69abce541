/**
 * The virtual GPU: a machine that executes PTX on the CPU, warp by warp in lockstep, and checks every access, behind
 * the same driver interface as the real one.
 *
 * <p>A kernel's text becomes a {@code Program}: basic blocks of small instruction objects whose operands are arrays of
 * 32 values, one per lane. A {@code Warp} holds the registers and the stack of diverged paths; a {@code ThreadBlock}
 * runs its warps in turn between barriers; a {@code GridRun} spreads the blocks of a launch over the cores.
 */
@NullMarked
package dev.pillion.kernels.virtual;

import org.jspecify.annotations.NullMarked;
