package dev.pillion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the races of this package under jcstress, each for half a second in a process of its own;
 * {@code -Dpillion.jcstress.ms=10000}, given to this test's process, looks longer.
 */
class InterleavingsTest {
    private static final int RACES = 8;
    private static final int MILLIS = Integer.getInteger("pillion.jcstress.ms", 500);

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
        assertThat(said).contains("All remaining tests: " + RACES + " matching test results");
    }

    private static List<String> command(Path folder) throws IOException {
        // The engine reports each failure that a race provokes; writing that down would be most of the race.
        Path quiet = Files.writeString(folder.resolve("logging.properties"), ".level=OFF\n");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "org.openjdk.jcstress.Main"));
        command.addAll(List.of("-t", "dev.pillion.engine", "-r", folder.resolve("report").toString()));
        command.addAll(List.of("-f", "1", "-fsm", "1", "-iters", "1", "-time", Integer.toString(MILLIS)));
        command.addAll(List.of("-c", "2", "-sc", "false", "-af", "NONE"));
        command.addAll(List.of("-jvmArgs", "-Xmx512m -Djava.util.logging.config.file=" + quiet));
        return command;
    }
}
