/** Tests of the virtual GPU. */
@NullMarked
package dev.pillion.kernels.virtual;

import org.jspecify.annotations.NullMarked;
