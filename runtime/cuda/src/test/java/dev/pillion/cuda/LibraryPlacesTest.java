package dev.pillion.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryPlacesTest {
    @TempDir
    private Path root;

    private List<Path> places(NvidiaLibrary library, Map<String, String> environment, Optional<Path> named) {
        return LibraryPlaces.of(library, new FakeMachine(root).linux(environment), named);
    }

    @Test
    void theNamedFolderGoesFirstThenTheLoadersPathThenTheSystem() {
        FakeMachine machine = new FakeMachine(root);
        machine.file("etc/ld.so.conf", "include ld.so.conf.d/*.conf\n/opt/direct/lib # a comment\n");
        machine.file("etc/ld.so.conf.d/b.conf", "/opt/b/lib\n");
        machine.file("etc/ld.so.conf.d/a.conf", "# nothing\n/opt/a/lib\ninclude /etc/ld.so.conf\n");
        machine.file("etc/ld.so.conf.d/a.txt", "/opt/never\n");
        String path = root.resolve("ld1") + ":" + root.resolve("ld2");

        List<Path> places =
                places(NvidiaLibrary.DRIVER, Map.of("LD_LIBRARY_PATH", path), Optional.of(root.resolve("named")));

        assertThat(places.stream().map(place -> root.relativize(place).toString()))
                .startsWith("named", "ld1", "ld2", "opt/a/lib", "opt/direct/lib", "opt/b/lib", "usr/lib/x86_64-linux-gnu")
                .contains("usr/lib/wsl/lib", "usr/local/nvidia/lib64")
                .doesNotContain("opt/never");
    }

    @Test
    void theDriverIsNotLookedForInToolkitsAndPythonPackages() {
        FakeMachine machine = new FakeMachine(root);
        machine.folder("usr/local/cuda-13.0/lib64");
        machine.folder("venv/lib/python3.12/site-packages/nvidia/cublas/lib");
        Map<String, String> environment = Map.of("VIRTUAL_ENV", root.resolve("venv").toString());

        for (NvidiaLibrary library : List.of(NvidiaLibrary.DRIVER, NvidiaLibrary.NVML)) {
            assertThat(places(library, environment, Optional.empty()))
                    .noneMatch(place -> place.toString().contains("cuda-13") || place.toString().contains("python"));
        }
    }

    @Test
    void toolkitsAndPythonsAreSearchedNewestFirst() {
        FakeMachine machine = new FakeMachine(root);
        machine.folder("usr/local/cuda-12.8/lib64");
        machine.folder("usr/local/cuda-13.1/lib64");
        machine.folder("usr/local/cuda-13.0/lib64");
        machine.folder("venv/lib/python3.9/site-packages");
        machine.folder("venv/lib/python3.12/site-packages");
        machine.folder("home/ada/.local/lib/python3.11/site-packages");
        machine.folder("usr/lib/python3/dist-packages");
        machine.file("other/bin/python3");
        machine.folder("other/lib/python3.13/site-packages");
        Map<String, String> environment = Map.of(
                "VIRTUAL_ENV", root.resolve("venv").toString(), "PATH", root.resolve("other/bin").toString());

        List<String> places = places(NvidiaLibrary.CUBLASLT, environment, Optional.empty()).stream()
                .map(place -> root.relativize(place).toString())
                .toList();

        assertThat(places)
                .containsSubsequence(
                        "usr/lib/x86_64-linux-gnu",
                        "usr/local/cuda-13.1/lib64",
                        "usr/local/cuda-13.0/lib64",
                        "usr/local/cuda-12.8/lib64",
                        "venv/lib/python3.12/site-packages/nvidia/cu13/lib",
                        "venv/lib/python3.12/site-packages/nvidia/cublas/lib",
                        "venv/lib/python3.9/site-packages/nvidia/cu13/lib",
                        "other/lib/python3.13/site-packages/nvidia/cu13/lib",
                        "home/ada/.local/lib/python3.11/site-packages/nvidia/cublas/lib",
                        "usr/lib/python3/dist-packages/nvidia/cublas/lib");
    }

    @Test
    void aFolderReachedTwiceCountsOnce() throws IOException {
        FakeMachine machine = new FakeMachine(root);
        machine.folder("usr/local/cuda-13.0/lib64");
        Files.createSymbolicLink(root.resolve("usr/local/cuda"), root.resolve("usr/local/cuda-13.0"));
        Map<String, String> environment = Map.of("CUDA_HOME", root.resolve("usr/local/cuda").toString());

        assertThat(places(NvidiaLibrary.CUBLASLT, environment, Optional.empty()))
                .filteredOn(place -> place.toString().contains("cuda"))
                .containsExactly(root.resolve("usr/local/cuda/lib64"));
    }

    @Test
    void windowsLooksWhereWindowsKeepsThem() {
        Machine machine = new FakeMachine(root)
                .windows(Map.of(
                        "SystemRoot", root.resolve("Windows").toString(),
                        "CUDA_PATH", root.resolve("cuda").toString(),
                        "VIRTUAL_ENV", root.resolve("venv").toString()));
        assertThat(LibraryPlaces.of(NvidiaLibrary.DRIVER, machine, Optional.empty()))
                .containsExactly(root.resolve("Windows/System32"));
        assertThat(LibraryPlaces.of(NvidiaLibrary.CUBLASLT, machine, Optional.empty()))
                .containsExactly(
                        root.resolve("Windows/System32"),
                        root.resolve("cuda/bin/x64"),
                        root.resolve("cuda/bin"),
                        root.resolve("venv/Lib/site-packages/nvidia/cu13/bin/x86_64"),
                        root.resolve("venv/Lib/site-packages/nvidia/cublas/bin"));
    }
}
