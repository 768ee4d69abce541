/**
 * The simulator: the engine's own scheduler, queue and block pool driven by a virtual clock, on as many instances as one likes.
 * An {@link dev.pillion.simulator.InstanceModel} says what an instance is and how long its steps take, a
 * {@link dev.pillion.simulator.Cluster} which instances there are and what happens to them, a
 * {@link dev.pillion.simulator.workload.Workload} what they serve; {@link dev.pillion.simulator.Simulation} runs it and
 * {@link dev.pillion.simulator.Capacity} searches for the highest rate within limits.
 */
@org.jspecify.annotations.NullMarked
package dev.pillion.simulator;
