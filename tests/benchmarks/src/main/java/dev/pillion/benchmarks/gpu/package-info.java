/**
 * Measurements on a GPU, or, with tiny shapes, on the virtual one. Each class is a program of its own that writes its
 * {@link dev.pillion.benchmarks.gpu.ResultRow rows} to a file; {@code verify-gpu.sh} in the bundle runs them one after the other.
 */
@NullMarked
package dev.pillion.benchmarks.gpu;

import org.jspecify.annotations.NullMarked;
