package dev.pillion.cuda;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the search for libraries knows of the machine.
 *
 * @param platform kind of operating system
 * @param multiarch Debian's name of the processor, such as {@code x86_64-linux-gnu}
 * @param root of the file system
 * @param home folder of the user
 * @param environment variables
 */
record Machine(Platform platform, String multiarch, Path root, Path home, Map<String, String> environment) {
    /** Kinds of operating system that matter. */
    enum Platform {
        /** Linux, WSL included. */
        LINUX,
        /** Windows. */
        WINDOWS,
        /** One for which there is no NVIDIA driver. */
        OTHER
    }

    /** The machine this runs on. */
    static Machine here() {
        String name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch", "");
        Platform platform = name.startsWith("linux")
                ? Platform.LINUX
                : name.startsWith("windows") ? Platform.WINDOWS : Platform.OTHER;
        Path home = Path.of(System.getProperty("user.home", "."));
        return new Machine(
                platform,
                (arch.equals("amd64") ? "x86_64" : arch) + "-linux-gnu",
                Path.of("/"),
                home,
                System.getenv());
    }

    /** A folder given from the root of the file system. */
    Path at(String fromRoot) {
        return root.resolve(fromRoot);
    }

    /** The folders a variable lists; none where it is not set. */
    List<Path> folders(String variable) {
        String value = environment.getOrDefault(variable, "");
        return Stream.of(value.split(File.pathSeparator))
                .filter(part -> !part.isBlank())
                .map(Path::of)
                .toList();
    }
}
