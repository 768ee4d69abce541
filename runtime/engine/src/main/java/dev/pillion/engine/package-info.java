/**
 * The engine's inside: the forward pass, the loop that turns plans into tokens, and what belongs to a request while it
 * runs. Not exported; the public API is {@link dev.pillion}.
 */
@NullMarked
package dev.pillion.engine;

import org.jspecify.annotations.NullMarked;
