/** Which instance of a cluster gets a request. */
@org.jspecify.annotations.NullMarked
package dev.pillion.simulator.routing;
