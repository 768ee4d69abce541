/** What a simulation found: plain values with getters, in seconds, tokens, dollars and joules. */
@org.jspecify.annotations.NullMarked
package dev.pillion.simulator.report;
