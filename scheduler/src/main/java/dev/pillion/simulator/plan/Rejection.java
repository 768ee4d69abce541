package dev.pillion.simulator.plan;

/**
 * A choice that did not become one of the plans.
 *
 * @param choice the instance
 * @param binding what ruled it out
 * @param reason for people, with the numbers
 */
public record Rejection(InstanceChoice choice, Binding binding, String reason) {
}
