/**
 * The public API of Pillion: open an {@link dev.pillion.Engine} over a model, submit
 * {@link dev.pillion.GenerationRequest}s, read {@link dev.pillion.Generation}s.
 *
 * <p>All types here are safe for use by many threads at once. Errors are unchecked {@link dev.pillion.PillionException}s
 * that name what is wrong and the remedy.
 */
@NullMarked
package dev.pillion;

import org.jspecify.annotations.NullMarked;
