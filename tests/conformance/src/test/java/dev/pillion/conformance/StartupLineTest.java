package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pillion.spi.BackendOptions;
import dev.pillion.spi.BackendProvider;
import dev.pillion.spi.BackendProvider.Availability;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user without NVIDIA's libraries sees: one line that says so, the search where asked for, and an answer. */
class StartupLineTest {
    /** What the command returns where no backend can be used. */
    private static final int NO_BACKEND = 1;

    @Test
    void aMachineWithoutADriverGoesToTheCpuAndSaysWhatWasMissing(@TempDir Path folder) {
        String missing = reasonAgainstCuda();
        if (!missing.startsWith("no libcuda.so.1")) {
            System.out.println("SKIPPED: startup without NVIDIA's libraries: this machine has them (" + missing + ")");
        }
        assumeTrue(missing.startsWith("no libcuda.so.1"), "this machine has an NVIDIA driver");

        ChildProcess run = ChildProcess.pillion(
                folder, "run", "--prompt", "12+35=", "--max-tokens", "2", "--cuda-library-path", folder.toString(), "--debug");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).startsWith("47");
        List<String> startup = run.err()
                .lines()
                .filter(line -> line.startsWith("pillion: Pillion demo"))
                .toList();
        assertThat(startup).singleElement().asString()
                .contains("; backend cpu: ")
                .contains("passed over: cuda (no libcuda.so.1 in " + folder)
                .contains("install the NVIDIA driver or give --cuda-library-path");
        assertThat(run.err()).contains("debug: NVIDIA driver: " + folder.resolve("libcuda.so.1") + ": not there");
        assertThat(run.err()).doesNotContain("\tat ");
    }

    @Test
    void strictSaysWhatWasMissingAndHowToDoWithout(@TempDir Path folder) {
        assumeTrue(reasonAgainstCuda().startsWith("no libcuda.so.1"), "this machine has an NVIDIA driver");

        ChildProcess refused = strict(folder);
        assertThat(refused.exitCode()).isEqualTo(NO_BACKEND);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err()).doesNotContain("\tat ");
        assertThat(refused.err().lines().filter(line -> line.startsWith("pillion: ")))
                .singleElement()
                .asString()
                .contains("strict mode does not fall back to the backend cpu; passed over: cuda (no libcuda.so.1 in " + folder)
                .contains("install the NVIDIA driver or give --cuda-library-path")
                .contains("--backend cpu");

        ChildProcess named = strict(folder, "--backend", "cpu");
        assertThat(named.exitCode()).isZero();
        assertThat(named.err()).contains("; backend cpu: ").doesNotContain("passed over");
    }

    private static ChildProcess strict(Path folder, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "run", "--prompt", "12+35=", "--max-tokens", "2", "--strict", "--cuda-library-path", folder.toString()));
        arguments.addAll(List.of(more));
        return ChildProcess.pillion(folder, arguments.toArray(String[]::new));
    }

    private static String reasonAgainstCuda() {
        BackendProvider cuda = ServiceLoader.load(BackendProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.name().equals("cuda"))
                .findFirst()
                .orElseThrow();
        return switch (cuda.probe(BackendOptions.defaults())) {
            case Availability.Available available -> available.description();
            case Availability.Unavailable unavailable -> unavailable.reason();
        };
    }
}
