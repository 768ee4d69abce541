package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's Java example compiles and runs as it stands. */
class ReadmeExampleTest {
    private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    @TempDir
    Path folder;

    @Test
    void theExampleRuns() throws IOException {
        Matcher block = JAVA_BLOCK.matcher(Files.readString(TestData.source("README.md")));
        assertThat(block.find()).as("a Java block in README.md").isTrue();
        Path source = Files.writeString(folder.resolve("Example.java"), block.group(1));
        Files.copy(
                TestData.source("runtime/cli/src/main/resources/dev/pillion/cli/demo.gguf"), folder.resolve("model.gguf"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                source.toString()));
        ChildProcess process = ChildProcess.run(folder, Map.of(), command);
        assertThat(process.exitCode()).as(process.err()).isZero();
        assertThat(process.out()).contains("there was a");
    }
}
