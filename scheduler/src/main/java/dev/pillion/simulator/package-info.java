/**
 * The simulator: the engine's own scheduler, queue and block pool driven by a virtual clock, on as many instances as one likes.
 * An {@link dev.pillion.simulator.InstanceModel} says what an instance is and how long its steps take.
 */
@org.jspecify.annotations.NullMarked
package dev.pillion.simulator;
