package dev.pillion.model;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The folder of real models and vectors that the system property {@code pillion.test.data} names. */
public final class SharedTestData {
    private SharedTestData() {}

    /**
     * A path in the folder, such as {@code data/models}. Where it is absent, the test is skipped, or fails if
     * {@code CI=true}.
     */
    public static Path path(String relative) {
        Path path = Path.of(System.getProperty("pillion.test.data", "shared")).resolve(relative);
        if (!Files.exists(path)) {
            String reason = "no shared test data at " + path;
            if ("true".equals(System.getenv("CI"))) {
                fail(reason);
            }
            assumeTrue(false, reason);
        }
        return path;
    }

    /** All files below a path in the folder whose name ends with {@code suffix}, sorted. */
    public static List<Path> files(String relative, String suffix) {
        try (Stream<Path> files = Files.walk(path(relative))) {
            return files.filter(file -> file.getFileName().toString().endsWith(suffix)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
