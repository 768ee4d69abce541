/**
 * A cluster on its virtual clock: events, instances with their schedulers and pipelines, and what moves between them. Not
 * exported; {@link dev.pillion.simulator.Simulation} runs it.
 */
@org.jspecify.annotations.NullMarked
package dev.pillion.simulator.cluster;
