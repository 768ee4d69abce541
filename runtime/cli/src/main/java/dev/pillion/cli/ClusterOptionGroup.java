package dev.pillion.cli;

import dev.pillion.analysis.InstanceFiles;
import dev.pillion.simulator.Cluster;
import dev.pillion.simulator.ClusterEvent;
import dev.pillion.simulator.InstanceSpec;
import dev.pillion.simulator.KvTransfer;
import dev.pillion.simulator.LiveMigration;
import dev.pillion.simulator.Role;
import dev.pillion.simulator.device.KvType;
import dev.pillion.simulator.device.Quantisation;
import dev.pillion.simulator.device.TransformerSizes;
import dev.pillion.simulator.plan.InstanceChoice;
import dev.pillion.simulator.plan.PlannerKind;
import dev.pillion.simulator.plan.QueuePolicyKind;
import dev.pillion.simulator.plan.SchedulingChoice;
import dev.pillion.simulator.routing.LeastLoad;
import dev.pillion.simulator.routing.MostFree;
import dev.pillion.simulator.routing.PowerOfTwo;
import dev.pillion.simulator.routing.PrefixAware;
import dev.pillion.simulator.routing.RoundRobin;
import dev.pillion.simulator.routing.Router;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options of {@code pillion simulate} that say what serves the requests. */
final class ClusterOptionGroup {
    private static final int MOST_INSTANCES = 10_000;
    private static final Pattern POOLS = Pattern.compile("([0-9]{1,5}):([0-9]{1,5})");
    private static final Pattern EVENT = Pattern.compile("([0-9]{1,5})@([^+]+)(?:\\+(.+))?");
    private static final Map<String, Supplier<Router>> ROUTERS = new LinkedHashMap<>();

    static {
        ROUTERS.put("round-robin", RoundRobin::new);
        ROUTERS.put("least-load", LeastLoad::new);
        ROUTERS.put("most-free", MostFree::new);
        ROUTERS.put("prefix-aware", PrefixAware::new);
        ROUTERS.put("power-of-two", PowerOfTwo::new);
    }

    @Option(
            names = "--model-shape",
            paramLabel = "SHAPE",
            description = "A model by name, such as llama-3.1-8b, or a config.json (default: ${DEFAULT-VALUE}).")
    private String modelShape = "llama-3.1-8b";

    @Option(
            names = "--quant",
            paramLabel = "TYPE",
            description = "Type of the weights: bf16, fp8, q8_0, q4_k and so on (default: ${DEFAULT-VALUE}).")
    private String quantisation = "bf16";

    @Option(names = "--kv-type", paramLabel = "TYPE", description = "Type of the KV cache (default: ${DEFAULT-VALUE}).")
    private String kvType = "bf16";

    @Option(
            names = {"-d", "--device"},
            paramLabel = "D",
            description = "GPU by name, such as a100, or a JSON file (default: ${DEFAULT-VALUE}).")
    private String device = "a100";

    @Option(
            names = "--operator-times",
            paramLabel = "FILE,...",
            split = ",",
            description = "Measured times of the model's operations on the device in place of the roofline's: an MLP profile of "
                    + "Vidur, or LLMServingSim's dense, per-sequence and attention tables.")
    private List<Path> operatorTimes = new ArrayList<>();

    @Option(names = "--instances", paramLabel = "N", description = "Instances of the engine (default: 1).")
    private @Nullable Integer instances;

    @Option(names = "--tp", paramLabel = "K", description = "Tensor-parallel ranks of an instance (default: ${DEFAULT-VALUE}).")
    private int tensorRanks = 1;

    @Option(names = "--pp", paramLabel = "K", description = "Pipeline stages of an instance (default: ${DEFAULT-VALUE}).")
    private int pipelineStages = 1;

    @Option(
            names = "--planner",
            paramLabel = "NAME",
            description = "sarathi, sarathi-adaptive, prefill-first, orca or static (default: ${DEFAULT-VALUE}).")
    private String planner = "sarathi";

    @Option(
            names = "--chunk-tokens",
            paramLabel = "N",
            description = "Token budget of a step; with sarathi-adaptive the most (default: 512, adaptive 2048).")
    private @Nullable Integer chunkTokens;

    @Option(
            names = "--max-sequences",
            paramLabel = "N",
            description = "Sequences of an instance (of each stage's batch) that run at once (default: ${DEFAULT-VALUE}).")
    private int maxSequences = 128;

    @Option(
            names = "--tbt-target",
            paramLabel = "T",
            converter = TimeSpan.Converter.class,
            description = "With sarathi-adaptive: time between tokens to keep (default: the SLO's).")
    private @Nullable TimeSpan tbtTarget;

    @Option(
            names = "--queue-policy",
            paramLabel = "NAME",
            description = "Order of those who wait: fcfs, priority, deadline, shortest or prefix (default: ${DEFAULT-VALUE}).")
    private String queuePolicy = "fcfs";

    @Option(
            names = "--router",
            paramLabel = "NAME",
            description = "round-robin, least-load, most-free, prefix-aware or power-of-two (default: ${DEFAULT-VALUE}).")
    private String router = "least-load";

    @Option(
            names = "--disaggregate",
            paramLabel = "P:D",
            description = "P instances compute prompts, D others generate tokens, in place of --instances.")
    private @Nullable String disaggregate;

    @Option(names = "--prompt-device", paramLabel = "D", description = "Device of the P instances (default: --device).")
    private @Nullable String promptDevice;

    @Option(names = "--token-device", paramLabel = "D", description = "Device of the D instances (default: --device).")
    private @Nullable String tokenDevice;

    @Option(names = "--migrate", description = "Move running requests from full instances to free ones.")
    private boolean migrate;

    @Option(
            names = "--fail",
            paramLabel = "I@T[+R]",
            description = "Instance I (from 0) fails at T and is back after R, such as 2@30s+1m; several times.")
    private List<String> failures = new ArrayList<>();

    @Option(names = "--drain", paramLabel = "I@T", description = "Instance I is taken out of service at T; several times.")
    private List<String> drains = new ArrayList<>();

    /** What the options say, for people, by option name. */
    Map<String, Object> setup() {
        Map<String, Object> setup = new LinkedHashMap<>();
        setup.put("model", modelShape);
        setup.put("quant", quantisation);
        setup.put("device", disaggregate == null ? device : device(promptDevice) + " and " + device(tokenDevice));
        setup.put("instances", disaggregate == null ? String.valueOf(count()) : disaggregate + " (prompts:tokens)");
        setup.put("tp", tensorRanks);
        setup.put("pp", pipelineStages);
        setup.put("planner", planner);
        setup.put("chunk_tokens", chunkTokens());
        setup.put("max_sequences", maxSequences);
        setup.put("queue_policy", queuePolicy);
        setup.put("router", router);
        if (!operatorTimes.isEmpty()) {
            setup.put("operator_times", operatorTimes.stream().map(Path::toString).toList().toString());
        }
        if (migrate) {
            setup.put("migrate", "yes");
        }
        if (!failures.isEmpty() || !drains.isEmpty()) {
            setup.put("failures", String.join(", ", failures));
            setup.put("drains", String.join(", ", drains));
        }
        return setup;
    }

    /**
     * The cluster.
     *
     * @param slo gives an adaptive planner its target where the options do not
     */
    Cluster cluster(SloOption slo) {
        check();
        Supplier<Router> routing = ROUTERS.get(router);
        if (routing == null) {
            throw new CliException(
                    ExitCode.USAGE, "--router: no router \"" + router + "\"; known are " + String.join(", ", ROUTERS.keySet()));
        }
        SchedulingChoice scheduling = scheduling(slo);
        List<InstanceSpec> specs = new ArrayList<>();
        Matcher pools = POOLS.matcher(disaggregate == null ? "" : disaggregate);
        if (disaggregate == null) {
            specs.addAll(Collections.nCopies(count(), spec(device, scheduling)));
        } else if (pools.matches()) {
            InstanceSpec prompt = spec(device(promptDevice), scheduling).withRole(Role.PROMPT);
            InstanceSpec token = spec(device(tokenDevice), scheduling).withRole(Role.TOKEN);
            specs.addAll(Collections.nCopies(within("--disaggregate", Integer.parseInt(pools.group(1))), prompt));
            specs.addAll(Collections.nCopies(within("--disaggregate", Integer.parseInt(pools.group(2))), token));
        } else {
            throw new CliException(ExitCode.USAGE, "--disaggregate is \"" + disaggregate
                    + "\"; give P:D, instances for prompts and for tokens, such as 2:3");
        }
        Optional<LiveMigration> migration = migrate ? Optional.of(LiveMigration.defaults()) : Optional.empty();
        List<ClusterEvent> events = events(specs.size());
        return OptionValue.checked("--disaggregate", () -> new Cluster(specs, routing, transfer(), migration, events));
    }

    private void check() {
        if (disaggregate != null && instances != null) {
            throw new CliException(ExitCode.USAGE, "--instances and --disaggregate both say how many; leave one out");
        }
        if (disaggregate == null && (promptDevice != null || tokenDevice != null)) {
            throw new CliException(ExitCode.USAGE, "--prompt-device and --token-device need --disaggregate P:D");
        }
        if (!operatorTimes.isEmpty() && !device(promptDevice).equals(device(tokenDevice))) {
            throw new CliException(ExitCode.USAGE, "--operator-times are of one device; prompts and tokens have two");
        }
        within("--tp", tensorRanks);
        within("--pp", pipelineStages);
        within("--instances", count());
    }

    private KvTransfer transfer() {
        // Sent layer by layer behind the prompt's computation, as Splitwise does it (ISCA 2024).
        return new KvTransfer(0, InstanceFiles.model(modelShape).layers());
    }

    private SchedulingChoice scheduling(SloOption slo) {
        PlannerKind kind = OptionValue.checked("--planner", () -> PlannerKind.named(planner));
        double target = tbtTarget == null ? slo.betweenTokensSeconds() : tbtTarget.seconds();
        if (kind == PlannerKind.SARATHI_ADAPTIVE && Double.isInfinite(target)) {
            throw new CliException(ExitCode.USAGE, "--planner sarathi-adaptive needs a time between tokens to keep; give "
                    + "--tbt-target, or --slo with tbt");
        }
        return OptionValue.checked(
                "--chunk-tokens and --max-sequences",
                () -> new SchedulingChoice(kind, chunkTokens(), maxSequences, target));
    }

    private int chunkTokens() {
        return chunkTokens != null ? chunkTokens : planner.equals(PlannerKind.SARATHI_ADAPTIVE.toString()) ? 2048 : 512;
    }

    private InstanceSpec spec(String deviceName, SchedulingChoice scheduling) {
        TransformerSizes model = InstanceFiles.model(modelShape);
        Quantisation weights = OptionValue.checked("--quant", () -> Quantisation.named(quantisation));
        KvType kv = OptionValue.checked("--kv-type", () -> KvType.named(kvType));
        InstanceChoice choice = new InstanceChoice(
                model, weights, kv, InstanceFiles.device(deviceName), tensorRanks, pipelineStages);
        QueuePolicyKind order = OptionValue.checked("--queue-policy", () -> QueuePolicyKind.named(queuePolicy));
        InstanceSpec spec = operatorTimes.isEmpty()
                ? OptionValue.checked("--tp and --pp", () -> choice.spec(scheduling))
                : OptionValue.checked(
                        "--operator-times", () -> new OperatorTables(operatorTimes).spec(choice, scheduling));
        return new InstanceSpec(
                spec.model(), spec.settings().withQueuePolicy(order.policy(spec)), spec.role(), spec.bound());
    }

    private String device(@Nullable String special) {
        return special == null ? device : special;
    }

    private int count() {
        return instances == null ? 1 : instances;
    }

    private List<ClusterEvent> events(int instanceCount) {
        List<ClusterEvent> events = new ArrayList<>();
        for (String text : failures) {
            Matcher matcher = event("--fail", text, instanceCount);
            long recovery = matcher.group(3) == null ? Long.MAX_VALUE : time("--fail", matcher.group(3));
            events.add(new ClusterEvent.Failure(
                    time("--fail", matcher.group(2)), Integer.parseInt(matcher.group(1)), recovery));
        }
        for (String text : drains) {
            Matcher matcher = event("--drain", text, instanceCount);
            if (matcher.group(3) != null) {
                throw new CliException(ExitCode.USAGE, "--drain is \"" + text + "\"; a drained instance does not come back");
            }
            events.add(new ClusterEvent.Drain(time("--drain", matcher.group(2)), Integer.parseInt(matcher.group(1))));
        }
        return events;
    }

    private static Matcher event(String option, String text, int instanceCount) {
        Matcher matcher = EVENT.matcher(text);
        if (!matcher.matches()) {
            throw new CliException(ExitCode.USAGE, option + " is \"" + text + "\"; give INSTANCE@TIME, such as 2@30s");
        }
        if (Integer.parseInt(matcher.group(1)) >= instanceCount) {
            throw new CliException(ExitCode.USAGE, option + " is \"" + text + "\"; instances are numbered 0 to "
                    + (instanceCount - 1));
        }
        return matcher;
    }

    private static long time(String option, String text) {
        try {
            return TimeSpan.parse(text).nanos();
        } catch (TypeConversionException e) {
            throw new CliException(ExitCode.USAGE, option + ": " + e.getMessage(), e);
        }
    }

    private static int within(String option, int count) {
        if (count < 1 || count > MOST_INSTANCES) {
            throw new CliException(ExitCode.USAGE, option + " is " + count + "; give 1 to " + MOST_INSTANCES);
        }
        return count;
    }
}
