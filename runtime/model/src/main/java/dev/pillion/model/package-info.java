/** Model files and their contents: tensors, metadata, the architecture description. */
@NullMarked
package dev.pillion.model;

import org.jspecify.annotations.NullMarked;
