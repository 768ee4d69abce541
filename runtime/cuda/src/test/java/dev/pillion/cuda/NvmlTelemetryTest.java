package dev.pillion.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.metrics.DeviceReading;
import dev.pillion.spi.Backend;
import dev.pillion.spi.BackendOptions;
import dev.pillion.spi.DeviceTelemetry;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class NvmlTelemetryTest {
    private static final String UUID = "GPU-00010203-0405-0607-0809-0a0b0c0d0e0f";
    private static final long KEPT_NANOS = 200_000_000;

    private final AtomicLong clock = new AtomicLong();

    private NvmlTelemetry telemetry(String uuid) {
        return new NvmlTelemetry(() -> NvmlReader.open(Optional.of(MockLibraries.folder()), uuid), clock::get);
    }

    @Test
    void readingsAreKeptForAWhile() {
        try (NvmlTelemetry telemetry = telemetry(UUID)) {
            Optional<DeviceReading> first = telemetry.read();
            assertThat(first.orElseThrow().busyPercent()).hasValue(83);
            MockLibraries.nvml().fail("nvmlDeviceGetPowerUsage", 1, 3);
            clock.set(KEPT_NANOS - 1);
            assertThat(telemetry.read()).isSameAs(first);
            clock.set(KEPT_NANOS);
            assertThat(telemetry.read().orElseThrow().milliwatts()).isEmpty();
        }
    }

    @Test
    void nvmlIsOpenedByTheFirstReadingAndLetGoByClosing() {
        telemetry(UUID).read();
        MockLibraries mock = MockLibraries.nvml();
        long before = mock.number("starts");
        NvmlTelemetry telemetry = telemetry(UUID);
        assertThat(mock.number("starts")).isEqualTo(before);
        telemetry.read();
        telemetry.read();
        assertThat(mock.number("starts")).isEqualTo(before + 1);
        telemetry.close();
        telemetry.close();
        assertThat(mock.number("starts")).isEqualTo(before);
        assertThat(telemetry.read()).isEmpty();
    }

    @Test
    void aDeviceWithoutGaugesSaysNothing() {
        try (NvmlTelemetry telemetry = telemetry("GPU-ffffffff-0000-0000-0000-000000000000")) {
            assertThat(telemetry.read()).isEmpty();
            clock.set(2 * KEPT_NANOS);
            assertThat(telemetry.read()).isEmpty();
        }
    }

    @Test
    void theBackendOnTheRealDriverHasThem() {
        MockLibraries.driver();
        BackendOptions options = BackendOptions.defaults().withCudaLibraryPath(MockLibraries.folder());
        DeviceTelemetry telemetry;
        try (Backend backend = new CudaBackendProvider().open(options)) {
            telemetry = backend.telemetry();
            assertThat(telemetry.read().orElseThrow().celsius()).hasValue(64);
        }
        assertThat(telemetry.read()).isEmpty();
    }
}
