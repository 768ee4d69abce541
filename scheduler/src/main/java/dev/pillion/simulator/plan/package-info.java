/**
 * Which instances, how many, and how they should schedule: a search over simulations for the cheapest plan that keeps its
 * latency targets (APEX, arXiv 2411.17651; GenZ, arXiv 2406.01698).
 */
@org.jspecify.annotations.NullMarked
package dev.pillion.simulator.plan;
