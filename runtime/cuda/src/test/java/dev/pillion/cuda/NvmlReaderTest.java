package dev.pillion.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.metrics.DeviceReading;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class NvmlReaderTest {
    private static final String UUID = "GPU-00010203-0405-0607-0809-0a0b0c0d0e0f";

    private final Optional<Path> folder = Optional.of(MockLibraries.folder());
    private final NvmlReader reader = NvmlReader.open(folder, UUID).orElseThrow();
    private final MockLibraries mock = MockLibraries.nvml();

    @Test
    void gaugesAreReadOfTheDeviceWithTheUuid() {
        assertThat(reader.read())
                .isEqualTo(new DeviceReading(
                        OptionalInt.of(83),
                        OptionalInt.of(41),
                        OptionalLong.of(5_000_000_000L),
                        OptionalLong.of(150_754_820_096L),
                        OptionalInt.of(64),
                        OptionalInt.of(412_345),
                        OptionalInt.of(1980),
                        OptionalInt.of(3201)));
        reader.close();
    }

    @Test
    void whatTheDeviceDoesNotReportIsEmpty() {
        mock.fail("nvmlDeviceGetPowerUsage", 1, 3);
        DeviceReading reading = reader.read();
        assertThat(reading.milliwatts()).isEmpty();
        assertThat(reading.celsius()).hasValue(64);
        for (String gauge : new String[] {"UtilizationRates", "MemoryInfo", "Temperature", "ClockInfo"}) {
            mock.fail("nvmlDeviceGet" + gauge, 1, 3);
            assertThat(reader.read()).isNotEqualTo(reading);
        }
        reader.close();
    }

    @Test
    void anUnknownDeviceOrALibraryThatDoesNotStartIsAbsent() {
        int before = starts();
        assertThat(NvmlReader.open(folder, "GPU-ffffffff-0000-0000-0000-000000000000")).isEmpty();
        mock.fail("nvmlInit", 1, 9);
        assertThat(NvmlReader.open(folder, UUID)).isEmpty();
        assertThat(starts()).isEqualTo(before);
        reader.close();
        reader.close();
        assertThat(starts()).isEqualTo(before - 1);
        assertThatThrownBy(reader::read).isInstanceOf(IllegalStateException.class);
    }

    private int starts() {
        return (int) mock.number("starts");
    }
}
