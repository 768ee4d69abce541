package dev.pillion.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.benchmarks.gpu.ResultRow;
import dev.pillion.benchmarks.gpu.ResultRows;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows: targets, the file they are kept in, the table, and peers beside them. */
class ResultTest {
    @TempDir
    Path folder;

    @Test
    void targetsAreJudgedByValueAndByShare() {
        ResultRow row = ResultRow.of("end-to-end", "decode batch 1", "8B", 219.9, "tok/s");
        assertThat(row.atLeast(220).passed()).contains(false);
        assertThat(row.atLeast(219.9).passed()).contains(true);
        assertThat(row.atLeast(220).target()).isEqualTo(">= 220 tok/s");
        assertThat(row.atMost(219).passed()).contains(false);
        assertThat(row.withCeiling(400).shareAtLeast(0.55).passed()).contains(false);
        assertThat(row.withCeiling(400, "GB/s", 0.55).shareAtLeast(0.55).passed()).contains(true);
        assertThat(row.shareAtLeast(0.55).passed()).as("without a ceiling").isEmpty();
        assertThat(ResultRow.missing("a", "b", "c", "d", "why").atLeast(1).passed()).as("without a value").isEmpty();
        assertThatThrownBy(() -> ResultRow.of("a", "b", "c", Double.NaN, "d")).hasMessageContaining("NaN");
    }

    @Test
    void theFileHoldsWhatWasAdded() {
        Path file = folder.resolve("new/rows.json");
        ResultRows rows = new ResultRows(file);
        assertThat(ResultRows.read(file)).isEmpty();
        rows.add(ResultRow.of("kernels", "gemv \"x\"", "1 | 2", 1.5, "GB/s").withCeiling(3).shareAtLeast(0.85).withNote("a\nb"));
        rows.add(ResultRow.missing("peers", "llama.cpp", "", "", "absent").target("", Optional.of(false)));
        assertThat(ResultRows.read(file)).isEqualTo(rows.rows()).hasSize(2);
    }

    @Test
    void theTableSaysWhatMissedItsTarget() {
        String page = ResultTable.of(
                List.of(
                        ResultRow.missing("environment", "driver", "", "", "CUDA 13.0 driver"),
                        ResultRow.of("end-to-end", "decode batch 1", "8B BF16", 201.26, "tok/s").withCeiling(400).atLeast(220),
                        ResultRow.of("kernels", "a|b", "", 12345.6, "GB/s")),
                "verify-gpu.sh --minutes 8");
        assertThat(page)
                .contains("- driver: CUDA 13.0 driver\n")
                .contains("- command: `verify-gpu.sh --minutes 8`\n")
                .contains("| decode batch 1 | 8B BF16 | 201.3 | tok/s | 400 tok/s | 50.3 % | >= 220 tok/s | **no** |\n")
                .contains("\n| what | note |\n| --- | --- |\n| driver | CUDA 13.0 driver |\n")
                .contains("- rows: 3; failed or short of their target: 1; skipped: 0\n")
                .contains("## kernels")
                .contains("| a\\|b | 12,346 | GB/s |");
    }

    @Test
    void peersAreComparedWithTheRowOfTheSameNameAndShape() {
        List<ResultRow> rows = List.of(
                ResultRow.of("end-to-end", "decode batch 1", "8B BF16", 230, "tok/s"),
                ResultRow.of("end-to-end", "decode batch 1", "1B BF16", 900, "tok/s"),
                ResultRow.of("peers", "decode batch 1", "8B BF16", 92, "tok/s").withPeer("transformers 5"),
                ResultRow.of("peers", "decode batch 1", "8B BF16", 115, "tok/s").withPeer("PyTorch 2"),
                ResultRow.of("peers", "decode batch 1", "1B BF16", 1000, "tok/s").withPeer("PyTorch 2"),
                ResultRow.of("peers", "decode batch 8", "1B BF16", 1000, "tok/s").withPeer("PyTorch 2"));

        List<ResultRow> compared = PeerComparison.of(rows);

        assertThat(compared).extracting(ResultRow::peer)
                .containsExactly("PyTorch 2: 115.0", "PyTorch 2: 1000", "transformers 5", "PyTorch 2", "PyTorch 2", "PyTorch 2");
        assertThat(compared).extracting(ResultRow::passed).containsExactly(
                Optional.empty(), Optional.empty(), Optional.of(true), Optional.of(true), Optional.of(false), Optional.empty());
        assertThat(compared.get(3).target()).isEqualTo("Pillion faster: 230.0, 2.00 times");
    }
}
