/** The engine as a whole, with real models and backends. */
@NullMarked
package dev.pillion.conformance.engine;

import org.jspecify.annotations.NullMarked;
