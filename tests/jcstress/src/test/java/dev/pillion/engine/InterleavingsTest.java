package dev.pillion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the races of this package under jcstress, in processes of its own: one Java configuration, about a second each.
 * {@code -Dpillion.jcstress.ms=10000} looks longer.
 */
class InterleavingsTest {
    private static final int RACES = 8;
    private static final Pattern PASSED = Pattern.compile("RUN COMPLETE|Results:.*?(\\d+) passed", Pattern.DOTALL);

    @Test
    void noForbiddenOutcomes(@TempDir Path folder) throws IOException, InterruptedException {
        Path output = folder.resolve("output.txt");
        Process process = new ProcessBuilder(command(folder))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        int status = process.waitFor();
        String said = Files.readString(output);
        assertThat(status).as(said).isZero();
        Matcher passed = PASSED.matcher(said);
        assertThat(said).contains(RACES + " matching test results");
        assertThat(passed.find()).as(said).isTrue();
    }

    private static List<String> command(Path folder) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "org.openjdk.jcstress.Main"));
        command.addAll(List.of("-t", "dev.pillion.engine", "-r", folder.resolve("report").toString()));
        command.addAll(List.of("-f", "1", "-iters", "1", "-time", Integer.getInteger("pillion.jcstress.ms", 1_000) + "ms"));
        command.addAll(List.of("-jvmArgs", "-Xmx512m", "-sc", "false", "-af", "NONE"));
        return command;
    }
}
