/**
 * How stored numbers become floats: one scalar decoder per tensor type, and encoders for the types that synthetic
 * models need. These decoders are the specification; every faster decoder in a backend yields the same bits.
 *
 * <p>Block formats are ggml's. Integers and floats are little-endian, blocks follow each other without padding, and
 * arithmetic is single precision with every product and sum rounded, in the order written in the code.
 */
@NullMarked
package dev.pillion.model.quant;

import org.jspecify.annotations.NullMarked;
