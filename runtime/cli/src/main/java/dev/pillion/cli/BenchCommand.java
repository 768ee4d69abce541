package dev.pillion.cli;

import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import dev.pillion.model.Model;
import dev.pillion.model.SyntheticModel;
import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code pillion bench}: tokens per second of prompts and of generation. */
@Command(
        name = "bench",
        description = {
            "Measures tokens per second: prompts (pp), generation (tg), and both together (pp+tg).",
            "With batch B, B sequences are computed together and their tokens are added up.",
            "With --concurrency: latencies and throughput of a service under load."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = Version.class)
final class BenchCommand implements Callable<Integer> {
    /** How rows are printed. */
    enum Format {
        MD,
        CSV,
        JSON
    }

    private static final long WEIGHT_SEED = 1;

    @ParentCommand
    private PillionCommand pillion;

    @Mixin
    private ModelOption model;

    @Mixin
    private EngineOptionGroup engineOptions;

    @Option(
            names = "--pp",
            paramLabel = "N",
            description = "Tokens of a prompt; 0 leaves the test out (default: ${DEFAULT-VALUE}).")
    private int promptTokens = 256;

    @Option(
            names = "--tg",
            paramLabel = "N",
            description = "Tokens to generate; 0 leaves the test out (default: ${DEFAULT-VALUE}).")
    private int generatedTokens = 64;

    @Option(
            names = "--batch",
            paramLabel = "B",
            split = ",",
            description = "Sequences at once, such as 1,8 (default: 1).")
    private List<Integer> batches = List.of(1);

    @Option(
            names = "--repetitions",
            paramLabel = "N",
            description = "Measured runs of each test, after one to warm up (default: ${DEFAULT-VALUE}).")
    private int repetitions = 3;

    @Option(
            names = "--random-weights",
            description = "Measure a model of random weights, described by --shape and --type.")
    private boolean randomWeights;

    @Option(
            names = "--shape",
            paramLabel = "SHAPE",
            description = "Shape of the random model: 1.1b, or dim=2048,layers=22,heads=32,kv=4,ffn=5632,vocab=32000 "
                    + "(default: 1.1b).")
    private @Nullable String shape;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description = "Storage type of the random model, such as Q8_0 or Q4_K (default: Q8_0).")
    private @Nullable TensorType type;

    @Option(names = "--format", paramLabel = "FORMAT", description = "md, csv or json (default: md).")
    private Format format = Format.MD;

    @Mixin
    private LoadOptionGroup load;

    @Override
    public Integer call() {
        check();
        if (load.isRequested()) {
            return measureService();
        }
        load.refuseIfAlone();
        CommandContext context = pillion.context();
        Model opened = open(context);
        int most = batches.stream().mapToInt(Integer::intValue).max().orElse(1);
        EngineOptions options = engineOptions.options(most)
                .contextTokens(promptTokens + generatedTokens + 1)
                .prefixCache(false)
                .build();
        long parameters = opened.tensors().values().stream().mapToLong(Tensor::elements).sum();
        try (Engine engine = engineOptions.start(pillion, opened, options)) {
            BenchTable table = new BenchTable(
                    engine.description().name(),
                    engine.memoryPlan().weightBytes(),
                    parameters,
                    backendName(engine),
                    engineOptions.threads());
            measure(engine, table);
            table.print(format, context.out());
        }
        return ExitCode.OK.code();
    }

    private Integer measureService() {
        CommandContext context = pillion.context();
        EngineOptions options =
                load.engine(engineOptions.options(load.users()).calibrations(Calibrations.folder(context)));
        try (Engine engine = engineOptions.start(pillion, open(context), options)) {
            Workload workload = load.workload(engine.description().vocabularySize());
            LoadResult result = new LoadRunner(engine, workload).run();
            new LoadReport(engine.description().name(), backendName(engine), options.scheduling(), workload, result)
                    .print(format, context.out());
            result.firstFailure().ifPresent(why -> pillion.report("a request failed: " + why));
            return (result.failed() == 0 ? ExitCode.OK : ExitCode.FAILURE).code();
        }
    }

    private void measure(Engine engine, BenchTable table) {
        BenchRunner runner = new BenchRunner(engine);
        for (int batch : batches) {
            for (BenchTest test : tests(batch)) {
                List<BenchRunner.Run> runs = new ArrayList<>();
                runner.run(test);
                for (int i = 0; i < repetitions; i++) {
                    runs.add(runner.run(test));
                }
                table.add(test, runs);
                pillion.report(test.name() + ", batch " + batch + ": done");
            }
        }
    }

    private List<BenchTest> tests(int batch) {
        List<BenchTest> tests = new ArrayList<>();
        if (promptTokens > 0) {
            tests.add(new BenchTest(batch, promptTokens, 0));
        }
        if (generatedTokens > 0) {
            tests.add(new BenchTest(batch, 0, generatedTokens));
        }
        if (promptTokens > 0 && generatedTokens > 0) {
            tests.add(new BenchTest(batch, promptTokens, generatedTokens));
        }
        return tests;
    }

    private Model open(CommandContext context) {
        if (!randomWeights) {
            return model.open(context);
        }
        TensorType stored = type == null ? TensorType.Q8_0 : type;
        ModelShape described = ModelShape.parse(shape == null ? ModelShape.DEFAULT : shape);
        try {
            return SyntheticModel.create(described.description(stored), stored, WEIGHT_SEED);
        } catch (IllegalArgumentException e) {
            throw new CliException(ExitCode.USAGE, "no random model of type " + stored + " and this shape: "
                    + e.getMessage(), e);
        }
    }

    private void check() {
        atLeast("--pp", promptTokens, 0);
        atLeast("--tg", generatedTokens, 0);
        atLeast("--repetitions", repetitions, 1);
        batches.forEach(batch -> atLeast("--batch", batch, 1));
        if (promptTokens == 0 && generatedTokens == 0) {
            throw new CliException(ExitCode.USAGE, "--pp and --tg are both 0: nothing to measure");
        }
        if (!randomWeights && (shape != null || type != null)) {
            throw new CliException(ExitCode.USAGE, "--shape and --type describe a random model; add --random-weights");
        }
    }

    private static void atLeast(String option, int value, int least) {
        if (value < least) {
            throw new CliException(ExitCode.USAGE, option + " is " + value + "; give at least " + least);
        }
    }

    /** The report's first words are "backend NAME:". */
    private static String backendName(Engine engine) {
        String report = engine.backendReport();
        int colon = report.indexOf(':');
        return (colon < 0 ? report : report.substring(0, colon)).replaceFirst("^backend ", "");
    }
}
