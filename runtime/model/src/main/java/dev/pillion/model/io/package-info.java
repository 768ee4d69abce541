/** Mapping files into memory; shared by the readers of this module and not exported. */
@NullMarked
package dev.pillion.model.io;

import org.jspecify.annotations.NullMarked;
