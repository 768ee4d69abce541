package dev.pillion.cuda;

import dev.pillion.metrics.DeviceReading;
import dev.pillion.spi.DeviceTelemetry;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The gauges of NVML for everybody who asks. NVML is opened when the first one asks, since that takes longer than many an
 * engine's start; a reading is kept for a while, since NVML itself samples no faster.
 */
final class NvmlTelemetry implements DeviceTelemetry, AutoCloseable {
    private static final Duration KEPT = Duration.ofMillis(200);

    private final Supplier<Optional<NvmlReader>> open;
    private final LongSupplier clock;
    private Optional<NvmlReader> reader = Optional.empty();
    private Optional<DeviceReading> last = Optional.empty();
    private long lastNanos;
    private boolean opened;
    private boolean closed;

    /**
     * Telemetry of one device.
     *
     * @param open opens its gauges, if there are any
     * @param clock nanoseconds, never going back
     */
    NvmlTelemetry(Supplier<Optional<NvmlReader>> open, LongSupplier clock) {
        this.open = open;
        this.clock = clock;
    }

    @Override
    public synchronized Optional<DeviceReading> read() {
        if (closed) {
            return Optional.empty();
        }
        if (!opened) {
            opened = true;
            reader = open.get();
        }
        long now = clock.getAsLong();
        if (last.isEmpty() || now - lastNanos >= KEPT.toNanos()) {
            last = reader.map(NvmlReader::read);
            lastNanos = now;
        }
        return last;
    }

    /** Lets go of NVML; nothing is read any more. Idempotent. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            reader.ifPresent(NvmlReader::close);
        }
    }
}
