package dev.pillion.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibrarySearchTest {
    private static final int CUDA_13 = 13;

    @TempDir
    private Path root;

    private final List<Path> loaded = new ArrayList<>();

    private LibrarySearch.Result find(NvidiaLibrary library, int cudaMajor, Optional<Path> named, LibrarySearch.Loader loader) {
        Machine machine = new FakeMachine(root).linux(Map.of());
        return new LibrarySearch(machine, named, loader).find(library, cudaMajor);
    }

    private LibrarySearch.Result find(NvidiaLibrary library, int cudaMajor) {
        return find(library, cudaMajor, Optional.empty(), loaded::add);
    }

    @Test
    void nothingThereSaysWhatWasMissingAndWhereItWasLookedFor() {
        new FakeMachine(root).folder("usr/lib/x86_64-linux-gnu");
        LibrarySearch.Result result = find(NvidiaLibrary.DRIVER, 0);

        assertThat(result.mapped()).isEmpty();
        assertThat(loaded).isEmpty();
        assertThat(result.reason())
                .isEqualTo("no libcuda.so.1 in " + root.resolve("usr/lib/x86_64-linux-gnu") + ", "
                        + root.resolve("usr/lib") + "; install the NVIDIA driver or give --cuda-library-path");
        assertThat(result.trace().lines())
                .contains(root.resolve("usr/lib/x86_64-linux-gnu/libcuda.so.1") + ": not there")
                .contains(root.resolve("usr/lib/wsl/lib/libcuda.so.1") + ": no such folder")
                .hasSize(LibraryPlaces.of(NvidiaLibrary.DRIVER, new FakeMachine(root).linux(Map.of()), Optional.empty())
                        .size());
    }

    @Test
    void theNewestNameWinsWhereverItLies() {
        FakeMachine machine = new FakeMachine(root);
        Path old = machine.file("usr/lib/x86_64-linux-gnu/libcublasLt.so.12");
        Path recent = machine.file("usr/lib/python3/dist-packages/nvidia/cu13/lib/libcublasLt.so.13");

        assertThat(find(NvidiaLibrary.CUBLASLT, CUDA_13).mapped()).contains(recent);
        assertThat(loaded).containsExactly(recent);
        assertThat(find(NvidiaLibrary.CUBLASLT, 12).mapped()).contains(old);
        assertThat(find(NvidiaLibrary.CUBLASLT, 12).trace())
                .contains(recent + ": needs a driver for CUDA 13, this one is for 12");
    }

    @Test
    void theNamedFolderWins() {
        FakeMachine machine = new FakeMachine(root);
        machine.file("usr/lib/libcuda.so.1");
        Path named = machine.file("opt/mine/libcuda.so.1");
        assertThat(find(NvidiaLibrary.DRIVER, 0, Optional.of(named.getParent()), loaded::add).mapped())
                .contains(named);
    }

    @Test
    void aFileThatCannotBeLoadedIsPassedOverAndNamed() {
        FakeMachine machine = new FakeMachine(root);
        Path broken = machine.file("usr/lib/x86_64-linux-gnu/libcuda.so.1");
        Path good = machine.file("usr/lib/wsl/lib/libcuda.so.1");
        LibrarySearch.Loader loader = file -> {
            if (file.equals(broken)) {
                throw new UnsatisfiedLinkError("wrong ELF class: ELFCLASS32");
            }
            loaded.add(file);
        };
        LibrarySearch.Result result = find(NvidiaLibrary.DRIVER, 0, Optional.empty(), loader);
        assertThat(result.mapped()).contains(good);
        assertThat(result.trace())
                .contains(broken + ": cannot be loaded: wrong ELF class: ELFCLASS32")
                .contains(good + ": loaded");

        LibrarySearch.Result none = find(NvidiaLibrary.DRIVER, 0, Optional.empty(), file -> {
            throw new UnsatisfiedLinkError("no");
        });
        assertThat(none.reason())
                .isEqualTo(broken + ": cannot be loaded: no; " + good + ": cannot be loaded: no");
    }

    @Test
    void aRealLoaderRefusesWhatIsNoLibrary() {
        Path text = new FakeMachine(root).file("usr/lib/libcuda.so.1", "just text");
        LibrarySearch.Result result =
                find(NvidiaLibrary.DRIVER, 0, Optional.empty(), file -> System.load(file.toString()));
        assertThat(result.mapped()).isEmpty();
        assertThat(result.reason()).startsWith(text + ": cannot be loaded: ").doesNotContain("\n");
    }

    @Test
    void deniedNativeAccessNamesTheFlag() {
        new FakeMachine(root).file("usr/lib/libcuda.so.1");
        LibrarySearch.Result result = find(NvidiaLibrary.DRIVER, 0, Optional.empty(), file -> {
            throw new IllegalCallerException("Illegal native access from module: unnamed");
        });
        assertThat(result.reason()).contains("native access is denied").contains("--enable-native-access=ALL-UNNAMED");
    }

    @Test
    void otherSystemsHaveNoDriver() {
        Machine mac = new Machine(Machine.Platform.OTHER, "aarch64-linux-gnu", root, root, Map.of());
        LibrarySearch.Result result =
                new LibrarySearch(mac, Optional.empty(), loaded::add).find(NvidiaLibrary.DRIVER, 0);
        assertThat(result.mapped()).isEmpty();
        assertThat(result.reason()).isEqualTo("there is no NVIDIA driver for this operating system");
    }

    @Test
    void theMappedFileIsTheOneBehindTheLink() throws IOException {
        FakeMachine machine = new FakeMachine(root);
        Path real = machine.file("usr/lib/libcuda.so.580.65.06");
        Path link = Files.createSymbolicLink(root.resolve("usr/lib/libcuda.so.1"), real);
        Path maps = machine.file(
                "maps",
                """
                7f0000000000-7f0000001000 r--p 00000000 fe:00 123   /opt/other/libcuda.so.1.0.0
                7f0000002000-7f0000003000 rw-p 00000000 00:00 0
                7f0000004000-7f0000005000 r-xp 00000000 fe:00 124   %s
                7f0000006000-7f0000007000 rw-p 00000000 00:00 0     [heap]
                """
                        .formatted(real));
        assertThat(MappedFiles.of(link, maps)).isEqualTo(real);

        Path elsewhere = machine.file(
                "maps2", "7f00-7f10 r--p 00000000 fe:00 123   /opt/with space/libcuda.so.1.0.0\n");
        assertThat(MappedFiles.of(link, elsewhere)).isEqualTo(Path.of("/opt/with space/libcuda.so.1.0.0"));
        assertThat(MappedFiles.of(link, root.resolve("no maps here"))).isEqualTo(link);
    }
}
