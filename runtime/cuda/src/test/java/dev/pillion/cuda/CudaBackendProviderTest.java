package dev.pillion.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.spi.BackendOptions;
import dev.pillion.spi.BackendProvider;
import dev.pillion.spi.BackendProvider.Availability;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaBackendProviderTest {
    @TempDir
    private Path folder;

    private static Availability probe(int device) {
        MockLibraries.driver();
        return new CudaBackendProvider().probe(new BackendOptions(0, device, false));
    }

    @Test
    void aDeviceThatCanBeUsedIsDescribed() {
        assertThat(probe(0))
                .isEqualTo(new Availability.Available("Mock GPU 0 with compute capability 9.0, 1.0 GiB, CUDA 13.0 driver, "
                        + MockLibraries.folder().resolve("libcuda.so.1")));
    }

    @Test
    void aDeviceThatIsTooOldOrAbsentSaysSo() {
        assertThat(probe(1))
                .isEqualTo(new Availability.Unavailable(
                        "Mock GPU 1 with compute capability 7.5 is too old; the kernels need compute capability 8.0"));
        assertThat(probe(2)).isEqualTo(new Availability.Unavailable("there is no device 2; --device takes 0 to 1"));
    }

    @Test
    void probingAllocatesNothingAndFailuresOfTheDriverAreReasons() {
        probe(0);
        MockLibraries mock = MockLibraries.cuda();
        assertThat(mock.log()).containsOnly("cuInit(0)");
        mock.fail("cuDeviceGetAttribute", 2, 3);
        assertThat(new CudaBackendProvider().probe(BackendOptions.defaults()))
                .isInstanceOfSatisfying(Availability.Unavailable.class, unavailable -> assertThat(unavailable.reason())
                        .startsWith("reading the attribute 76 of device 0: CUDA_ERROR_NOT_INITIALIZED (3)"));
        mock.assertNone("context");
    }

    @Test
    void theServiceLoaderFindsItFirst() {
        assertThat(ServiceLoader.load(BackendProvider.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .filter(provider -> provider.name().equals("cuda")))
                .singleElement()
                .satisfies(provider -> assertThat(provider.priority()).isEqualTo(300));
    }

    /** A JVM of its own, since this one has loaded its libraries for good. */
    private String probeInNewJvm(String... flags) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(flags));
        command.addAll(List.of(
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                ProbeMain.class.getName(),
                folder.toString(),
                MockLibraries.folder().toString()));
        return Compiler.run(folder, command);
    }

    @Test
    void deniedNativeAccessIsALineThatNamesTheFlag() {
        assertThat(probeInNewJvm("--illegal-native-access=deny").lines())
                .singleElement()
                .asString()
                .startsWith("Unavailable[reason=")
                .contains("libcuda.so.1: native access is denied; start java with --enable-native-access=ALL-UNNAMED");
    }

    @Test
    void aNewJvmFindsTheNamedFolder() {
        assertThat(probeInNewJvm("--enable-native-access=ALL-UNNAMED"))
                .startsWith("Available[description=Mock GPU 0 with compute capability 9.0, 1.0 GiB, CUDA 13.0 driver, ");
    }

    /** Native access is a matter of leave, not of need: where no library is found, nothing native is called. */
    @Test
    void withoutLibrariesNothingNativeIsCalled() {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--illegal-native-access=deny",
                "-cp",
                System.getProperty("java.class.path"),
                ProbeMain.class.getName(),
                folder.toString());
        assertThat(Compiler.run(folder, command).lines())
                .singleElement()
                .asString()
                .startsWith("Unavailable[reason=no libcuda.so.1 in any of ")
                .contains("install the NVIDIA driver or give --cuda-library-path");
    }
}
