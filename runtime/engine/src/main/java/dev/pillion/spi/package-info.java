/**
 * What a backend offers the forward pass: operations over device tensors, and the providers that are found at startup.
 *
 * <p>One thread, the engine's, calls a backend. {@link dev.pillion.spi.Backend#begin} does the host work of a step;
 * the operations that follow only enqueue; {@link dev.pillion.spi.Backend#finish} waits for them.
 */
@NullMarked
package dev.pillion.spi;

import org.jspecify.annotations.NullMarked;
