package dev.pillion.benchmarks.gpu;

import dev.pillion.benchmarks.Samples;
import dev.pillion.model.Model;
import dev.pillion.model.SyntheticModel;
import dev.pillion.model.TensorType;
import dev.pillion.model.architecture.ModelDescription;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * From the start of a process to its first token, with a model file whose pages are in memory because it was just written.
 * Its tokenizer is a plain list of words: a real one has merges to read too.
 */
final class ColdStartScenario implements Scenario {
    private static final Path MEMORY_FOLDER = Path.of("/dev/shm");
    private static final double TARGET_SECONDS = 10;
    private static final long KV_BYTES = 1 << 30;
    private static final long VIRTUAL_KV_BYTES = 1 << 20;

    private final ModelDescription description;
    private final TensorType type;
    private final int repetitions;
    private final Expected start;

    ColdStartScenario(ModelDescription description, TensorType type, int repetitions) {
        this.description = description;
        this.type = type;
        this.repetitions = repetitions;
        this.start = new Expected("cold start", description.name() + " " + type, "s");
    }

    @Override
    public List<Expected> rows() {
        return List.of(start);
    }

    @Override
    public double seconds() {
        return 45;
    }

    @Override
    public void run(ScenarioRun run) throws IOException, InterruptedException {
        run.engines().close();
        Path folder = folder();
        Path file = Files.createTempFile(folder, "random", ".gguf");
        Samples seconds = new Samples();
        try {
            try (Model model = SyntheticModel.withEqualLayers(description, type, 1)) {
                SyntheticGguf.write(model, file);
            }
            for (int i = 0; i < repetitions; i++) {
                seconds.add(once(file, run.options()));
            }
            run.add(run.row(start, seconds.median())
                    .atMost(TARGET_SECONDS)
                    .withNote(String.format(
                            Locale.ROOT,
                            "process start to first token, %.2f GB file in memory (%s); %d starts, %.2f-%.2f s",
                            Files.size(file) / 1e9,
                            folder,
                            seconds.count(),
                            seconds.least(),
                            seconds.most())));
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** A folder in memory where it is large enough: pages of other folders may be written back while they are read. */
    private Path folder() throws IOException {
        long bytes = GpuShapes.weightBytesPerStep(description, type) * 3 / 2;
        boolean memory = Files.isWritable(MEMORY_FOLDER) && Files.getFileStore(MEMORY_FOLDER).getUsableSpace() > bytes;
        return memory ? MEMORY_FOLDER : Path.of(System.getProperty("java.io.tmpdir"));
    }

    private static double once(Path file, EndToEndOptions options) throws IOException, InterruptedException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                FirstToken.class.getName(),
                file.toString(),
                options.backend(),
                Long.toString(options.virtual() ? VIRTUAL_KV_BYTES : KV_BYTES));
        long begin = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            String line = lines.readLine();
            double seconds = (System.nanoTime() - begin) / 1e9;
            if (!FirstToken.LINE.equals(line)) {
                throw new IllegalStateException("the process ended without a token, exit code " + process.waitFor());
            }
            return seconds;
        } finally {
            process.waitFor();
        }
    }
}
