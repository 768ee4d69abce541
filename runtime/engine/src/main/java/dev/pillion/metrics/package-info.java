/**
 * What an engine counts and measures. {@link dev.pillion.metrics.Counter}, {@link dev.pillion.metrics.Gauge} and
 * {@link dev.pillion.metrics.Distribution} list everything there is, each with its key and unit;
 * {@link dev.pillion.metrics.EngineMetrics} hands out snapshots of the values. An exporter loops over the enums and so
 * never misses one. docs/metrics.md defines each symbol.
 */
@NullMarked
package dev.pillion.metrics;

import org.jspecify.annotations.NullMarked;
