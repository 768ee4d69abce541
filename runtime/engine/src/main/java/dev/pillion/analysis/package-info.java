/**
 * What a model costs on a device: its shape for the cost model, the device's ceilings (published or measured), what
 * fits its memory, and step times measured operation by operation. Backs {@code pillion analyze} and {@code pillion
 * calibrate}; from what the latter keeps the engine predicts step times.
 */
@NullMarked
package dev.pillion.analysis;

import org.jspecify.annotations.NullMarked;
