/** JSON documents (config.json, tokenizer.json, safetensors headers) as plain Java values. */
@NullMarked
package dev.pillion.model.json;

import org.jspecify.annotations.NullMarked;
