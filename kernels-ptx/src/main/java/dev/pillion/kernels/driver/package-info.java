/**
 * The part of the CUDA driver API that Pillion uses, as Java interfaces. Two things stand behind them: the real driver,
 * called through the Foreign Function and Memory API, and the virtual GPU, which executes the same PTX on the CPU.
 */
@NullMarked
package dev.pillion.kernels.driver;

import org.jspecify.annotations.NullMarked;
