@NullMarked
package dev.pillion.scheduler;

import org.jspecify.annotations.NullMarked;
