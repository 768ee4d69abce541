package dev.pillion.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchOutputTest {
    private static final Map<String, String> RUN = Map.of("format", "1", "input_sha256", "ab");
    private static final int REQUESTS = 5;

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void file() {
        file = folder.resolve("results.jsonl");
    }

    private BatchOutput open() {
        return BatchOutput.open(file, RUN, REQUESTS, false);
    }

    private static void append(BatchOutput output, int index) {
        output.append(index, Map.of("index", index, "text", "na\u00efve \ud83d\ude00 \n line " + index));
    }

    @Test
    void whereverTheFileIsCutEveryWholeLineCountsAndHalfALineIsWrittenAnew() throws IOException {
        try (BatchOutput output = open()) {
            for (int index : new int[] {2, 0, 4}) {
                append(output, index);
            }
        }
        byte[] whole = Files.readAllBytes(file);
        for (int cut = 0; cut <= whole.length; cut++) {
            Files.write(file, Arrays.copyOf(whole, cut));
            String left = new String(whole, 0, cut, StandardCharsets.ISO_8859_1);
            int lines = (int) left.chars().filter(c -> c == '\n').count();
            try (BatchOutput output = open()) {
                assertThat(output.finished()).as("lines left of %d bytes", cut).isEqualTo(lines);
                for (int index : new int[] {2, 0, 4}) {
                    if (!output.isFinished(index)) {
                        append(output, index);
                    }
                }
            }
            assertThat(Files.readAllBytes(file)).as("after a cut at %d", cut).isEqualTo(whole);
        }
    }

    @Test
    void anotherRunsResultsAreRefusedAndKept() throws IOException {
        try (BatchOutput output = open()) {
            append(output, 0);
        }
        byte[] before = Files.readAllBytes(file);
        assertThatThrownBy(() -> BatchOutput.open(file, Map.of("format", "1", "input_sha256", "cd"), REQUESTS, false))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("another run")
                .hasMessageContaining("input_sha256 was ab and is now cd")
                .hasMessageContaining("--overwrite");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        try (BatchOutput output = BatchOutput.open(file, Map.of("format", "1"), REQUESTS, true)) {
            assertThat(output.finished()).isZero();
        }
        assertThat(file).isEmptyFile();
    }

    @Test
    void aFileOfUnknownOriginIsRefused() throws IOException {
        Files.writeString(file, "my only copy\n");
        assertThatThrownBy(this::open).isInstanceOf(CliException.class).hasMessageContaining("results.jsonl.run");
        assertThat(file).hasContent("my only copy\n");
        Files.writeString(BatchOutput.noteOf(file), "{\"format\":");
        assertThatThrownBy(this::open).isInstanceOf(CliException.class).hasMessageContaining("unknown run");
    }

    @Test
    void damageThatNoKillExplainsIsRefused() throws IOException {
        try (BatchOutput output = open()) {
            append(output, 3);
        }
        damaged("{\"index\":3}\n", "second result of request 3");
        damaged("{\"index\":5}\n", "no index of one of the 5 requests");
        damaged("{\"index\":\"x\"}\n", "no index");
        damaged("{}{}\n", "no JSON");
        damaged("\n", "line 2");
    }

    private void damaged(String line, String message) throws IOException {
        byte[] before = Files.readAllBytes(file);
        Files.writeString(file, line, StandardOpenOption.APPEND);
        assertThatThrownBy(this::open).as(line).isInstanceOf(CliException.class).hasMessageContaining(message);
        Files.write(file, before);
    }

    @Test
    void twoWritersAreOneTooMany() {
        try (BatchOutput first = open()) {
            assertThat(first.finished()).isZero();
            assertThatThrownBy(this::open)
                    .isInstanceOf(CliException.class)
                    .hasMessageContaining("another pillion batch");
        }
    }

    @Test
    void aRequestHasOneResult() {
        try (BatchOutput output = open()) {
            append(output, 1);
            output.append(2, Map.of("index", 2, "error", "x"));
            assertThat(output.failed()).isEqualTo(1);
            assertThatThrownBy(() -> append(output, 1)).isInstanceOf(IllegalStateException.class);
        }
        try (BatchOutput output = open()) {
            assertThat(output.failed()).isEqualTo(1);
            assertThat(output.isFinished(1)).isTrue();
            assertThat(output.isFinished(0)).isFalse();
        }
    }
}
