/**
 * Every shipped kernel against a scalar reference in double precision, on random shapes, through the driver interface:
 * on the virtual GPU with all its checks, or on a real device with {@code -Dpillion.test.gpu=native}.
 */
@NullMarked
package dev.pillion.conformance.kernels;

import org.jspecify.annotations.NullMarked;
