package dev.pillion.spi;

import dev.pillion.metrics.DeviceReading;
import java.util.Optional;

/**
 * Reads what a device says of itself: how busy, warm and full it is. Called on the threads of those who look at metrics, never
 * on the one that drives the device, and by several at once.
 */
@FunctionalInterface
public interface DeviceTelemetry {
    /** Devices that say nothing. */
    DeviceTelemetry NONE = Optional::empty;

    /** A reading that is a fraction of a second old at most; empty if there is none, or none any more. */
    Optional<DeviceReading> read();
}
