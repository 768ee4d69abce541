/**
 * Instances made of GPUs: shapes of known models, nominal figures of known devices, how long each operation of a step takes
 * by a calibrated roofline or by measured tables, and what ranks, stages, links and watts add.
 * {@link dev.pillion.simulator.device.GpuInstance} puts them together.
 */
@org.jspecify.annotations.NullMarked
package dev.pillion.simulator.device;
