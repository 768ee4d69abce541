package dev.pillion.verify;

import dev.pillion.benchmarks.gpu.ResultRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Other programs on the same shapes in the same run, where they are there: PyTorch with transformers, llama.cpp's
 * {@code llama-bench}.
 */
record PeersStage(double weight) implements Stage {
    static final String NAME = "peers";
    static final String TRANSFORMERS = "transformers";

    private static final Duration PROBE = Duration.ofSeconds(60);
    private static final double TOLD = 0.85;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void run(StageRun run) throws IOException, InterruptedException {
        transformers(run);
        if (run.options().llamaBench().isPresent()) {
            llamaBench(run, run.options().llamaBench().get());
        } else {
            run.skipped("llama.cpp", "no --llama-bench was given");
        }
    }

    private static void transformers(StageRun run) throws IOException, InterruptedException {
        Path script = run.options().home().resolve("verify/peers/transformers_peer.py");
        Optional<Path> python = Programs.find("python3");
        if (python.isEmpty()) {
            run.skipped(TRANSFORMERS, "no python3 here");
            return;
        }
        if (!Files.isRegularFile(script)) {
            run.failed(TRANSFORMERS, script + " is not in this bundle");
            return;
        }
        ChildRun torch = run.run(List.of(python.get().toString(), "-c", "import torch; print(torch.__version__)"), PROBE);
        if (!torch.ok()) {
            run.skipped(TRANSFORMERS, python.get() + " has no PyTorch");
            return;
        }
        Path rows = run.scratch("peers.json");
        ChildRun child = run.measure(
                List.of(
                        python.get().toString(),
                        script.toString(),
                        "--device",
                        run.options().virtual() ? "cpu" : "cuda",
                        "--minutes",
                        String.format(Locale.ROOT, "%.3f", TOLD * run.time().seconds() / 60),
                        "--out",
                        rows.toString()),
                rows);
        if (!child.ok()) {
            run.failed(TRANSFORMERS, child.outcome() + "; see verify.log");
        }
    }

    /** The program needs a model file; its answer goes to the log, since its format differs between versions. */
    private static void llamaBench(StageRun run, Path program) throws IOException, InterruptedException {
        Path model = run.scratch("llama-bench.gguf");
        String shape = run.options().virtual() ? "tiny" : "1b";
        ChildRun made = run.run(
                run.java("dev.pillion.benchmarks.gpu.SyntheticGguf", List.of(shape, "Q8_0", model.toString())),
                Duration.ofMillis((long) (1000 * run.time().seconds())));
        try {
            if (!made.ok()) {
                run.failed("llama.cpp", "its model was not written: " + made.outcome());
                return;
            }
            ChildRun child = run.run(
                    List.of(program.toString(), "-m", model.toString(), "-ngl", "99", "-p", "512,4096", "-n", "128", "-o", "md"),
                    Duration.ofMillis((long) (1000 * run.time().seconds())));
            run.add(ResultRow.missing(
                    NAME, "llama-bench", shape + " Q8_0", "tok/s", child.ok() ? "its table is in verify.log" : child.outcome()));
        } finally {
            Files.deleteIfExists(model);
        }
    }
}
