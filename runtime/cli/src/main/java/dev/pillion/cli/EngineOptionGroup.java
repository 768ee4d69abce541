package dev.pillion.cli;

import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import dev.pillion.model.Model;
import dev.pillion.model.TensorType;
import dev.pillion.spi.BackendOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say on what and how a model runs. */
final class EngineOptionGroup {
    /** Enough for a conversation; a model's own context may ask for more memory than the machine has. */
    private static final int DEFAULT_CONTEXT = 4096;

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            description = "Backend: cuda, tornado or cpu (default: the first that works).")
    private @Nullable String backend;

    @Option(names = "--strict", description = "Fail rather than fall back to a slower backend.")
    private boolean strict;

    @Option(names = "--threads", paramLabel = "N", description = "Threads of the CPU backend (default: one per core).")
    private int threads;

    @Option(names = "--device", paramLabel = "N", description = "Which GPU (default: 0).")
    private int device;

    @Option(
            names = "--cuda-library-path",
            paramLabel = "DIR",
            description = "Folder in which NVIDIA's libraries are looked for before the usual places.")
    private @Nullable Path cudaLibraryPath;

    @Option(names = "--scalar", description = "Use the scalar kernels of the CPU backend, the slow reference.")
    private boolean scalar;

    @Option(
            names = "--context",
            paramLabel = "TOKENS",
            description = "Longest sequence, prompt and answer together; 0 for the model's own (default: the "
                    + "smaller of " + DEFAULT_CONTEXT + " and the model's own).")
    private int context = DEFAULT_CONTEXT;

    @Option(
            names = "--chunk-tokens",
            paramLabel = "TOKENS",
            description = "Token budget of a step: prompts are computed in chunks of this size (default: ${DEFAULT-"
                    + "VALUE}).")
    private int chunkTokens = EngineOptions.defaults().chunkTokens();

    @Option(
            names = "--no-plan-ahead",
            description = "Plan each step only when the one before it has ended, also on a GPU.")
    private boolean noPlanAhead;

    @Option(
            names = "--compute",
            paramLabel = "TYPE",
            description = "Type of activations on a GPU, and of its KV cache: F32, F16 or BF16 (default: BF16).")
    private @Nullable TensorType compute;

    @Option(
            names = "--kv-type",
            paramLabel = "TYPE",
            description = "Element type of the KV cache: F32, F16 or BF16 (default: the device's own, F32 on the "
                    + "CPU).")
    private @Nullable TensorType kvType;

    @Option(
            names = "--kv-bytes",
            paramLabel = "SIZE",
            converter = ByteSize.Converter.class,
            description = "Memory of the KV cache, such as 800M or 2G (default: what the sequences need).")
    private ByteSize kvBytes = ByteSize.ZERO;

    @Option(
            names = "--step-limit",
            paramLabel = "SECONDS",
            description = "Longest a step may take on a GPU before the device counts as lost (default: ${DEFAULT-VALUE}).")
    private long stepLimitSeconds = BackendOptions.DEFAULT_STEP_LIMIT.toSeconds();

    /** Starts options for a number of sequences at once. */
    EngineOptions.Builder options(int maxSequences) {
        EngineOptions.Builder options = EngineOptions.builder()
                .strict(strict)
                .device(device())
                .contextTokens(context)
                .maxSequences(maxSequences)
                .chunkTokens(chunkTokens)
                .planAhead(!noPlanAhead)
                .kvBytes(kvBytes.bytes());
        if (kvType != null) {
            options.kvType(kvType);
        }
        if (backend != null) {
            options.backend(backend);
        }
        return options;
    }

    private BackendOptions device() {
        return new BackendOptions(
                atLeastZero("--threads", threads),
                atLeastZero("--device", device),
                scalar,
                Optional.ofNullable(cudaLibraryPath),
                Optional.ofNullable(compute),
                stepLimit());
    }

    private Duration stepLimit() {
        if (stepLimitSeconds < 1) {
            throw new CliException(ExitCode.USAGE, "--step-limit is " + stepLimitSeconds + "; give 1 or more seconds");
        }
        return Duration.ofSeconds(stepLimitSeconds);
    }

    /** Threads the CPU backend will use. */
    int threads() {
        return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    }

    /** Starts an engine, which owns the model, and reports in one line what it runs on. */
    Engine start(PillionCommand pillion, Model model, EngineOptions options) {
        Engine engine = open(pillion, model, options);
        pillion.report(engine.description().name() + " (" + engine.description().architecture() + "); "
                + engine.backendReport() + "; " + engine.memoryPlan());
        return engine;
    }

    private static Engine open(PillionCommand pillion, Model model, EngineOptions options) {
        try (LoadDisplay display = new LoadDisplay(pillion.context(), pillion.isQuiet())) {
            return Engine.open(model, options.withLoadListener(display));
        }
    }

    private static int atLeastZero(String option, int value) {
        if (value < 0) {
            throw new CliException(ExitCode.USAGE, option + " is " + value + "; give 0 or more");
        }
        return value;
    }
}
