/**
 * What a transformer looks like, as data: read from GGUF metadata or config.json, followed by the one forward pass. A new
 * Llama-like family is added here, by a case in the readers and a tensor-name table.
 */
@NullMarked
package dev.pillion.model.architecture;

import org.jspecify.annotations.NullMarked;
