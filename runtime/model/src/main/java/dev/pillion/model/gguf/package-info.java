/** Reader of GGUF model files. Start at {@link dev.pillion.model.gguf.GgufFile}. */
@NullMarked
package dev.pillion.model.gguf;

import org.jspecify.annotations.NullMarked;
