/** Measurements behind docs/performance: run by hand through {@code scripts/benchmark}, never as part of the tests. */
@NullMarked
package dev.pillion.benchmarks;

import org.jspecify.annotations.NullMarked;
