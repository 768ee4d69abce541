package dev.pillion.benchmarks.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.benchmarks.gpu.KernelLine.Launches;
import dev.pillion.kernels.KernelCatalogue;
import dev.pillion.kernels.virtual.LaunchStatistics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of kernels: none of the catalogue is missing, lines launch what they say, and floors are floors. */
class KernelTableTest {
    private static final List<String> COMPUTE = List.of("bf16", "f16", "f32");

    @TempDir
    private Path folder;

    private static Set<String> catalogue() {
        return KernelCatalogue.modules().stream()
                .flatMap(module -> KernelCatalogue.entries(module).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> kernels(Collection<KernelLine> lines) {
        return lines.stream().flatMap(line -> line.kernels().stream()).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> without(Set<String> all, Set<String> some) {
        Set<String> rest = new TreeSet<>(all);
        rest.removeAll(some);
        return rest;
    }

    @Test
    void everyKernelHasALine() {
        assertThat(without(catalogue(), kernels(KernelLines.full()))).as("kernels not measured on a device").isEmpty();
        assertThat(without(catalogue(), kernels(KernelLines.tiny()))).as("kernels not counted on the virtual GPU").isEmpty();
    }

    @Test
    void linesAreToldApart() {
        for (List<KernelLine> lines : List.of(KernelLines.full(), KernelLines.tiny())) {
            assertThat(lines.stream().map(line -> line.name() + ", " + line.shape()).toList()).doesNotHaveDuplicates();
            assertThat(lines.stream().map(KernelLine::order).toList()).isSorted();
        }
    }

    /** The virtual GPU, all its checks on, sees what a line launches and every byte that it touches. */
    @Test
    void linesLaunchWhatTheySayAndTouchAtLeastTheirFloor() {
        Set<String> ran = new TreeSet<>();
        try (BenchmarkGpu gpu = BenchmarkGpu.open(true)) {
            for (KernelLine line : KernelLines.tiny()) {
                String named = line.name() + ", " + line.shape();
                List<LaunchStatistics> launches = run(line, gpu);
                Set<String> launched = launches.stream().map(LaunchStatistics::kernel).collect(Collectors.toSet());
                // Whether anything is merged is the planner's choice.
                assertThat(launched).as(named).containsAll(line.kernels());
                launched.removeAll(line.kernels());
                assertThat(launched).as(named).allMatch(kernel -> kernel.startsWith("attention_merge_"));
                ran.addAll(line.kernels());
                checkFloor(named, line, LaunchTraffic.of(launches));
            }
        }
        assertThat(without(catalogue(), ran)).as("kernels that did not run").isEmpty();
    }

    private static List<LaunchStatistics> run(KernelLine line, BenchmarkGpu gpu) {
        try (LineMemory memory = new LineMemory(gpu)) {
            Launches launches = line.preparation().prepare(gpu, memory);
            gpu.takeLaunches();
            launches.enqueue(0);
            gpu.synchronize();
            return gpu.takeLaunches();
        }
    }

    private static void checkFloor(String named, KernelLine line, LaunchTraffic traffic) {
        boolean counted = !line.name().endsWith(" + library");
        if (counted) {
            assertThat(traffic.bytesRead()).as("bytes read, %s", named).isGreaterThanOrEqualTo(line.work().bytesRead());
            assertThat(traffic.bytesWritten()).as("bytes written, %s", named)
                    .isGreaterThanOrEqualTo(line.work().bytesWritten());
        }
        if (readsOnce(line)) {
            assertThat(traffic.bytesRead()).as("bytes read, %s", named).isLessThan((long) (1.25 * line.work().bytesRead()));
            assertThat(traffic.bytesWritten()).as("bytes written, %s", named).isEqualTo(line.work().bytesWritten());
        }
    }

    /**
     * Kernels that memory bounds and that read little twice: the flat product reads the activations for every sixteen
     * outputs, beside four bits a weight the most that is allowed.
     */
    private static boolean readsOnce(KernelLine line) {
        String first = line.kernels().getFirst();
        boolean flat = first.startsWith("gemv_") && !line.compute().equals("f32") && line.shape().endsWith(" 1 row");
        boolean moved = List.of("dequantize_", "embed_", "gated_", "gather_", "scatter_", "to_f32_", "copy_", "split_", "add_bf")
                .stream().anyMatch(first::startsWith);
        return flat || moved && !line.name().endsWith(" + library");
    }

    @Test
    void writesARowForEachLineThatWasAskedFor() {
        Path out = folder.resolve("rows.json");
        GpuOptions options = GpuOptions.parse("--driver", "virtual", "--out", out.toString(), "--only", "gather_rows");
        try (BenchmarkGpu gpu = BenchmarkGpu.open(true)) {
            assertThat(new KernelTable(gpu, options, new ResultRows(out)).run()).isZero();
        }
        List<ResultRow> rows = ResultRows.read(out);
        assertThat(rows).extracting(ResultRow::name)
                .containsExactlyElementsOf(COMPUTE.stream().map(compute -> "gather_rows_" + compute).toList());
        assertThat(rows).allSatisfy(row -> {
            assertThat(row.value()).isPresent();
            assertThat(row.unit()).isEqualTo("warp instructions");
            assertThat(row.note()).contains("virtual GPU, no times");
        });
    }

    @Test
    void saysWhichLinesTheTimeDidNotReach() {
        Path out = folder.resolve("rows.json");
        GpuOptions options = new GpuOptions(true, Duration.ZERO, out, "rms_norm");
        try (BenchmarkGpu gpu = BenchmarkGpu.open(true)) {
            assertThat(new KernelTable(gpu, options, new ResultRows(out)).run()).isZero();
        }
        assertThat(ResultRows.read(out)).hasSize(2 * COMPUTE.size())
                .allSatisfy(row -> assertThat(row.note()).isEqualTo("not measured: time over"));
    }

    @Test
    void ceilingsRunOnTheVirtualGpuWithoutValues() {
        Path out = folder.resolve("rows.json");
        GpuOptions options = GpuOptions.parse("--driver", "virtual", "--out", out.toString());
        try (BenchmarkGpu gpu = BenchmarkGpu.open(true)) {
            assertThat(Ceilings.run(gpu, options, new ResultRows(out))).isZero();
        }
        assertThat(ResultRows.read(out)).hasSizeGreaterThan(8).allSatisfy(row -> {
            assertThat(row.value()).isEmpty();
            assertThat(row.note()).isIn("virtual GPU: ran, has no times", "skipped: C knows no virtual GPU");
        });
    }

    @Test
    void refusesArgumentsByName() {
        assertThatThrownBy(() -> GpuOptions.parse("--driver", "cuda", "--out", "x")).hasMessageContaining("\"cuda\"");
        assertThatThrownBy(() -> GpuOptions.parse("--driver", "native")).hasMessageContaining("--out is missing");
        assertThatThrownBy(() -> GpuOptions.parse("--diver", "native")).hasMessageContaining("--diver");
        assertThatThrownBy(() -> GpuOptions.parse("--driver", "native", "--minutes", "x")).hasMessageContaining("\"x\"");
        assertThatThrownBy(() -> GpuOptions.parse("--driver")).hasMessageContaining("--driver needs a value");
    }
}
