/** Reader of safetensors model files. Start at {@link dev.pillion.model.safetensors.SafetensorsFile}. */
@NullMarked
package dev.pillion.model.safetensors;

import org.jspecify.annotations.NullMarked;
