package dev.pillion.cli;

import dev.pillion.analysis.InstanceFiles;
import dev.pillion.simulator.device.GpuDevice;
import dev.pillion.simulator.device.KvType;
import dev.pillion.simulator.device.Quantisation;
import dev.pillion.simulator.plan.PlanGoal;
import dev.pillion.simulator.plan.PlanResult;
import dev.pillion.simulator.plan.PlanSearch;
import dev.pillion.simulator.plan.PlannerKind;
import dev.pillion.simulator.plan.SchedulingChoice;
import dev.pillion.simulator.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code pillion plan}: the cheapest instances that serve a workload and keep its latency targets. */
@Command(
        name = "plan",
        description = {
            "Searches devices, quantisations, tensor and pipeline parallelism, numbers of",
            "instances, planners and chunk sizes for the cheapest way to serve a workload",
            "within an SLO. What the roofline rules out is not simulated. Explains the best",
            "plans, and why the others lost."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = Version.class)
final class PlanCommand implements Callable<Integer> {
    private static final double LEAST_TARGET_SECONDS = 1e-3;
    private static final long DEFAULT_REQUESTS = 20_000;

    @ParentCommand
    private PillionCommand pillion;

    @Option(
            names = "--model-shape",
            paramLabel = "SHAPE",
            required = true,
            description = "A model by name, such as llama-3.1-8b, or a config.json.")
    private String modelShape = "";

    @Option(
            names = "--slo",
            paramLabel = "LIMITS",
            required = true,
            converter = SloOption.Converter.class,
            description = "Latencies to keep, such as ttft=1s,tbt=100ms (P99 where no percentile is said).")
    private SloOption slo = SloOption.NONE;

    @Mixin
    private ArrivalOptionGroup arrivals;

    @Option(
            names = "--devices",
            paramLabel = "D,...",
            split = ",",
            description = "GPUs to choose from, by name or JSON file (default: a100,h100).")
    private List<String> devices = List.of("a100", "h100");

    @Option(
            names = "--quant",
            paramLabel = "TYPE,...",
            split = ",",
            description = "Types of the weights to choose from (default: bf16,fp8).")
    private List<String> quantisations = List.of("bf16", "fp8");

    @Option(names = "--kv-type", paramLabel = "TYPE", description = "Type of the KV cache (default: ${DEFAULT-VALUE}).")
    private String kvType = "bf16";

    @Option(names = "--max-gpus", paramLabel = "N", description = "GPUs there are at most (default: ${DEFAULT-VALUE}).")
    private int maxGpus = 64;

    @Option(names = "--tp", paramLabel = "K,...", split = ",", description = "Tensor-parallel ranks to choose from (default: 1,2,4,8).")
    private List<Integer> tensorRanks = List.of(1, 2, 4, 8);

    @Option(names = "--pp", paramLabel = "K,...", split = ",", description = "Pipeline stages to choose from (default: 1,2).")
    private List<Integer> pipelineStages = List.of(1, 2);

    @Option(
            names = "--planner",
            paramLabel = "NAME,...",
            split = ",",
            description = "Planners to choose from (default: sarathi,sarathi-adaptive).")
    private List<String> planners = List.of("sarathi", "sarathi-adaptive");

    @Option(
            names = "--chunk-tokens",
            paramLabel = "N,...",
            split = ",",
            description = "Token budgets of a step to choose from (default: 512,256,1024,2048).")
    private List<Integer> chunkTokens = List.of(512, 256, 1024, 2048);

    @Option(
            names = "--max-sequences",
            paramLabel = "N",
            description = "Sequences of an instance that run at once (default: ${DEFAULT-VALUE}).")
    private int maxSequences = 128;

    @Option(names = "--top", paramLabel = "N", description = "Plans to explain (default: ${DEFAULT-VALUE}).")
    private int top = 5;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        CommandContext context = pillion.context();
        long started = System.nanoTime();
        PlanGoal goal = goal();
        ProgressLine line = new ProgressLine(context, pillion.isQuiet());
        PlanResult result = PlanSearch.search(goal, top, (done, size, next) -> {
            if (line.isDue()) {
                line.show((double) done / size, (done + 1) + " of " + size + " kinds of instances: " + Printable.of(next));
            }
        });
        pillion.report(result.simulations() + " simulations in " + TimeSpan.format((System.nanoTime() - started) / 1e9));
        PlanReport report = new PlanReport(goal, result);
        if (json) {
            JsonOutput.line(context.out(), report.json());
        } else {
            report.print(context.out());
        }
        return (result.plans().isEmpty() ? ExitCode.FAILURE : ExitCode.OK).code();
    }

    private PlanGoal goal() {
        atLeastOne("--max-gpus", maxGpus);
        atLeastOne("--top", top);
        tensorRanks.forEach(ranks -> atLeastOne("--tp", ranks));
        pipelineStages.forEach(stages -> atLeastOne("--pp", stages));
        Workload workload = arrivals.workload(DEFAULT_REQUESTS);
        double rate = arrivals.rate(workload);
        if (Double.isInfinite(rate)) {
            throw new CliException(ExitCode.USAGE, "a plan is for requests that come at some rate; give --qps");
        }
        List<GpuDevice> gpus = devices.stream().map(name -> InstanceFiles.device(name)).toList();
        List<Quantisation> weights = quantisations.stream()
                .map(name -> OptionValue.checked("--quant", () -> Quantisation.named(name)))
                .toList();
        return new PlanGoal(
                InstanceFiles.model(modelShape),
                OptionValue.checked("--kv-type", () -> KvType.named(kvType)),
                workload, rate, slo.targets(), gpus, weights,
                OptionValue.checked("--chunk-tokens and --max-sequences", this::schedulings),
                tensorRanks, pipelineStages, maxGpus, arrivals.seed());
    }

    /** Every planner with every budget; an adaptive one with the largest, and only where there is a target to keep. */
    private List<SchedulingChoice> schedulings() {
        List<SchedulingChoice> list = new ArrayList<>();
        double target = Math.max(LEAST_TARGET_SECONDS, slo.betweenTokensSeconds());
        for (String name : planners) {
            PlannerKind kind = PlannerKind.named(name);
            if (kind != PlannerKind.SARATHI_ADAPTIVE) {
                chunkTokens.forEach(tokens -> list.add(new SchedulingChoice(kind, tokens, maxSequences, target)));
            } else if (!Double.isInfinite(target)) {
                int most = chunkTokens.stream().mapToInt(Integer::intValue).max().orElseThrow();
                list.add(new SchedulingChoice(kind, most, maxSequences, target));
            }
        }
        if (list.isEmpty()) {
            throw new IllegalArgumentException("sarathi-adaptive alone needs a bound on tbt in --slo");
        }
        return list;
    }

    private static void atLeastOne(String option, int value) {
        if (value < 1) {
            throw new CliException(ExitCode.USAGE, option + " is " + value + "; give at least 1");
        }
    }
}
