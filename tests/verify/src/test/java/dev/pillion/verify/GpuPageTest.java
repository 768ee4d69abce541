package dev.pillion.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.benchmarks.gpu.EndToEnd;
import dev.pillion.benchmarks.gpu.ResultRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The page of GPU figures has every row that a run on a device writes, and each row is there once. */
class GpuPageTest {
    private static final Path PAGE =
            Path.of(System.getProperty("pillion.test.root", "../..")).resolve("docs/performance/gpu.md");

    @Test
    void hasEveryRowOfWholeEngines() throws IOException {
        List<String> lines = Files.readAllLines(PAGE);
        List<ResultRow> planned = EndToEnd.planned(false);
        assertThat(planned).hasSizeGreaterThan(80).doesNotHaveDuplicates();
        for (ResultRow row : planned) {
            assertThat(lines).filteredOn(line -> line.startsWith("| " + row.name() + " | " + row.shape() + " | "))
                    .as("%s, %s", row.name(), row.shape())
                    .hasSize(1)
                    .allMatch(line -> line.contains(" | " + row.unit() + " | "));
        }
    }

    @Test
    void hasEveryTestClass() throws IOException {
        String page = Files.readString(PAGE);
        for (String test : ConformanceStage.ON_A_DEVICE) {
            assertThat(page).contains("| " + test.substring(test.lastIndexOf('.') + 1));
        }
    }
}
