package dev.pillion.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pillion.benchmarks.gpu.EndToEnd;
import dev.pillion.benchmarks.gpu.ResultRow;
import dev.pillion.benchmarks.gpu.ResultRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bundle is packed, unpacked elsewhere and run where no java can be found: the command, and the whole verification. */
@Tag("bundle")
class BundleTest {
    private static final Duration LONGEST = Duration.ofMinutes(6);
    private static final long MOST_BYTES = 60_000_000;
    private static final Path ROOT = Path.of(System.getProperty("pillion.test.root", "../..")).toAbsolutePath().normalize();

    @TempDir
    Path folder;

    @BeforeEach
    void needsAShell() {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "no /bin/sh here");
    }

    @Test
    void runsAndVerifiesWithoutAJdk() throws Exception {
        Path archive = pack();
        assertThat(Files.size(archive)).isLessThan(MOST_BYTES);
        Path home = unpack(archive);

        Ran command = run(
                home, bare(home.resolve("pillion"), "run", "--backend", "cpu", "--prompt", "12+35=", "--max-tokens", "2"));
        assertThat(command.child().ok()).as(command.output()).isTrue();
        assertThat(command.output()).contains("47").contains("Pillion demo");

        Path results = folder.resolve("results");
        Ran verification = run(
                home, bare(home.resolve("verify-gpu.sh"), "--virtual", "--minutes", "5", "--out", results.toString()));
        assertThat(verification.child().ok()).as(verification.output()).isTrue();
        check(ResultRows.read(results.resolve("results.json")), Files.readString(results.resolve("results.md")));
        if (EnvironmentStage.missingDevice().isPresent()) {
            saysOnceThatThereIsNoDevice(home);
        }
    }

    private void saysOnceThatThereIsNoDevice(Path home) throws Exception {
        Path results = folder.resolve("no device");
        Ran verification = run(
                home, bare(home.resolve("verify-gpu.sh"), "--stages", "conformance,kernels", "--out", results.toString()));
        assertThat(verification.child().exitCode()).as(verification.output()).isEqualTo(1);
        assertThat(verification.output()).contains("FAILED: there is no device to verify: ").doesNotContain("\tat ");
        assertThat(ResultRows.read(results.resolve("results.json")))
                .hasSize(2)
                .allSatisfy(row -> assertThat(row.note()).startsWith("skipped: there is no device: "));
    }

    private static void check(List<ResultRow> rows, String page) {
        assertThat(rows).filteredOn(row -> !row.passed().orElse(true)).as("rows that failed").isEmpty();
        assertThat(rows).extracting(ResultRow::stage)
                .contains("environment", "ceilings", "conformance", "end-to-end", "kernels", "peers");
        assertThat(rows).filteredOn(row -> row.stage().equals("conformance")).hasSize(4)
                .allSatisfy(row -> {
                    assertThat(row.passed()).contains(true);
                    assertThat(row.value().orElse(0)).isPositive();
                });
        for (ResultRow planned : EndToEnd.planned(true)) {
            assertThat(rows).anySatisfy(row -> {
                assertThat(row.name()).isEqualTo(planned.name());
                assertThat(row.shape()).isEqualTo(planned.shape());
                assertThat(row.value()).as("value of %s", planned).isPresent();
            });
        }
        assertThat(rows).filteredOn(row -> row.stage().equals("ceilings") || row.stage().equals("kernels"))
                .hasSizeGreaterThan(20)
                .noneSatisfy(row -> assertThat(row.note()).startsWith("failed"));
        for (ResultRow row : rows) {
            assertThat(page).contains("| " + row.name() + " |");
        }
    }

    private Path pack() throws IOException, InterruptedException {
        Path archive = folder.resolve("bundle.tar.gz");
        Ran packed = run(
                folder,
                List.of(
                        "/usr/bin/env",
                        "JAVA_HOME=" + System.getProperty("java.home"),
                        ROOT.resolve("scripts/bundle.sh").toString(),
                        "--no-build",
                        "--out",
                        archive.toString()));
        assertThat(packed.child().ok()).as(packed.output()).isTrue();
        return archive;
    }

    private Path unpack(Path archive) throws IOException, InterruptedException {
        Ran unpacked = run(folder, List.of("tar", "xzf", archive.toString()));
        assertThat(unpacked.child().ok()).as(unpacked.output()).isTrue();
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith("pillion-")).findFirst().orElseThrow();
        }
    }

    /** A command in an environment whose PATH has what the scripts use, and no java. */
    private List<String> bare(Path program, String... arguments) throws IOException {
        Path tools = Files.createDirectories(folder.resolve("tools"));
        for (String tool : List.of("dirname", "sed")) {
            Path link = tools.resolve(tool);
            if (!Files.exists(link)) {
                Files.createSymbolicLink(link, Programs.find(tool).orElseThrow());
            }
        }
        List<String> command = new ArrayList<>(List.of(
                "/usr/bin/env",
                "-i",
                "PATH=" + tools,
                "HOME=" + folder,
                "PILLION_JVM_ROOT=" + folder.resolve("no-jvms"),
                program.toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    private record Ran(ChildRun child, String output) {}

    private Ran run(Path where, List<String> command) throws IOException, InterruptedException {
        Path log = Files.createTempFile(folder, "run", ".log");
        List<String> there = new ArrayList<>(List.of("/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", where.toString()));
        there.addAll(command);
        ChildRun child = ChildRun.run(there, Map.of(), LONGEST, log);
        return new Ran(child, child.outcome() + "\n" + Files.readString(log));
    }
}
