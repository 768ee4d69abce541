/**
 * Interleavings of the engine's thread with its callers, run by jcstress: every actor is a thread, the annotated
 * outcomes say what may come of their race. {@link dev.pillion.engine.InterleavingsTest} runs them all.
 */
@NullMarked
package dev.pillion.engine;

import org.jspecify.annotations.NullMarked;
