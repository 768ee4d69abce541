/**
 * What a simulation is asked to serve: requests from recorded traces or from arrival processes and length distributions,
 * handed out one by one in order of arrival.
 */
@org.jspecify.annotations.NullMarked
package dev.pillion.simulator.workload;
