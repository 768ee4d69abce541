@NullMarked
package dev.pillion.memory;

import org.jspecify.annotations.NullMarked;
