package dev.pillion.cli;

import dev.pillion.model.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Files of the shared test data, and what the command printed read back. */
final class TestFiles {
    private TestFiles() {}

    /** A file of the shared data; the test is skipped where the data is absent, and fails where it must be there. */
    static Path shared(String path) {
        Path file = Path.of(System.getProperty("pillion.test.data", "shared")).resolve(path);
        if (!Files.exists(file)) {
            String reason = "no test data: " + path + " is not in the folder of -Dpillion.test.data";
            if ("true".equals(System.getenv("CI"))) {
                Assertions.fail(reason);
            }
            System.err.println("skipped: " + reason);
            Assumptions.abort(reason);
        }
        return file;
    }

    /** One line of JSON, and nothing else. */
    static Object json(String out) {
        Assertions.assertEquals(out.length() - 1, out.indexOf('\n'), "one line of JSON: " + out);
        return Json.parse(out, Path.of("stdout"));
    }

    static Map<String, Object> jsonObject(String out) {
        return Json.object((Map<?, ?>) json(out));
    }
}
