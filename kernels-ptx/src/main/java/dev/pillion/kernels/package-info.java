/**
 * What the compiled kernels are and how they are launched: which modules and entries there are, the grids they expect,
 * and the layouts of the structures they read and write.
 */
@NullMarked
package dev.pillion.kernels;

import org.jspecify.annotations.NullMarked;
