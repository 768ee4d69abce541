package dev.pillion.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.GpuDeviceInfo;
import dev.pillion.kernels.driver.GpuException;
import dev.pillion.spi.BackendUnavailableException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The driver interface over a mock of the vendor's driver: devices, versions, what keeps it from starting. */
class NativeGpuDriverTest {
    private final NativeGpuDriver driver = MockLibraries.driver();
    private final MockLibraries mock = MockLibraries.cuda();

    @Test
    void itSaysWhichDriverAndWhichFile() {
        assertThat(driver.description())
                .isEqualTo("CUDA 13.0 driver, " + MockLibraries.folder().resolve("libcuda.so.1"));
        mock.call("version", 12080);
        assertThat(NativeGpuDriver.open(Optional.empty()).description()).startsWith("CUDA 12.8 driver, ");
    }

    @Test
    void devicesTellTheirProperties() {
        assertThat(driver.deviceCount()).isEqualTo(2);
        assertThat(driver.device(0))
                .isEqualTo(new GpuDeviceInfo(
                        0,
                        "Mock GPU 0",
                        "GPU-00010203-0405-0607-0809-0a0b0c0d0e0f",
                        9,
                        0,
                        132,
                        1L << 30,
                        232448,
                        233472,
                        2048,
                        52428800));
        assertThat(driver.device(1).uuid()).isEqualTo("GPU-10111213-1415-1617-1819-1a1b1c1d1e1f");
        assertThat(driver.device(1).computeCapability()).isEqualTo(75);
    }

    @Test
    void aDeviceThatIsNotThereIsNamed() {
        for (int ordinal : new int[] {2, -1}) {
            assertThatThrownBy(() -> driver.device(ordinal))
                    .isInstanceOfSatisfying(GpuException.class, e -> {
                        assertThat(e.resultName()).isEqualTo("CUDA_ERROR_INVALID_DEVICE");
                        assertThat(e.result()).isEqualTo(101);
                        assertThat(e.sticky()).isFalse();
                    })
                    .hasMessage("looking up device " + ordinal
                            + ": CUDA_ERROR_INVALID_DEVICE (101): invalid device ordinal");
            assertThatThrownBy(() -> driver.createContext(ordinal)).isInstanceOf(GpuException.class);
        }
    }

    @Test
    void aDriverThatDoesNotStartIsUnavailable() {
        mock.fail("cuInit", 1, 100);
        assertThatThrownBy(() -> NativeGpuDriver.open(Optional.empty()))
                .isInstanceOf(BackendUnavailableException.class)
                .hasMessageContaining("CUDA_ERROR_NO_DEVICE (100): no CUDA-capable device is detected")
                .hasMessageContaining("libcuda.so.1");
    }

    @Test
    void anErrorTheDriverDoesNotKnowStillHasAName() {
        mock.fail("cuDeviceGetCount", 1, 4711);
        assertThatThrownBy(() -> NativeGpuDriver.open(Optional.empty()))
                .hasMessageContaining("CUDA_ERROR_4711 (4711): unknown to this driver");
    }

    @Test
    void contextsShareTheDevicesPrimaryContext() {
        GpuContext first = driver.createContext(0);
        GpuContext second = driver.createContext(0);
        GpuContext other = driver.createContext(1);
        assertThat(mock.live("context")).isEqualTo(2);
        first.close();
        first.close();
        assertThat(second.memory().total()).isEqualTo(1L << 30);
        second.close();
        other.close();
        mock.assertNone("context");
        assertThat(mock.log())
                .filteredOn(call -> call.startsWith("cuDevicePrimaryCtx"))
                .containsExactly(
                        "cuDevicePrimaryCtxRetain(40) users=1",
                        "cuDevicePrimaryCtxRetain(40) users=2",
                        "cuDevicePrimaryCtxRetain(41) users=1",
                        "cuDevicePrimaryCtxRelease(40) users=1",
                        "cuDevicePrimaryCtxRelease(40) users=0",
                        "cuDevicePrimaryCtxRelease(41) users=0");
    }
}
