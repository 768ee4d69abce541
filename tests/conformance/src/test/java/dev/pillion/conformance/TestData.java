package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Real models and reference outputs, in a folder beside the checkout that the build names by a property. */
final class TestData {
    private TestData() {}

    /**
     * A file or folder of the test data. Where it is absent the test is skipped, saying so; in CI it fails.
     *
     * @param name path inside the data folder, such as {@code data/models/stories260K}
     */
    static Path path(String name) {
        Path path = Path.of(System.getProperty("pillion.test.data", "test-data")).resolve(name).normalize();
        if (!Files.exists(path)) {
            String message = "test data " + name + " is absent (property pillion.test.data says where to look)";
            if ("true".equals(System.getenv("CI"))) {
                fail(message);
            }
            System.err.println("skipped: " + message);
            assumeTrue(false, message);
        }
        return path;
    }

    /** A file of the source tree. */
    static Path source(String name) {
        return Path.of(System.getProperty("pillion.test.root", "../..")).resolve(name).normalize();
    }
}
