package dev.pillion.benchmarks.gpu;

import dev.pillion.model.TensorType;
import dev.pillion.model.architecture.ModelDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Whole engines with random weights: generation, prompts, random requests, planners under mixed load, shared prefixes, cold
 * start. The rows that say most come first; those for which no time is left say so.
 *
 * <p>Options: those of {@link GpuOptions}, and {@code --ceilings FILE}, the rows of {@link Ceilings}. Exit code 1 if a
 * scenario failed.
 */
public final class EndToEnd {
    private static final OptionalDouble NO_TARGET = OptionalDouble.empty();
    private static final OptionalDouble PREFILL_SHARE = OptionalDouble.of(0.55);
    private static final double BATCH_1_OF_8B = 220;
    private static final double BATCH_1_OF_1B = 950;
    private static final int REPETITIONS = 3;

    private EndToEnd() {}

    /** Measures. */
    public static void main(String[] args) {
        EndToEndOptions options;
        try {
            options = EndToEndOptions.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println("error: " + e.getMessage());
            System.exit(2);
            return;
        }
        ResultRows out = new ResultRows(options.gpu().out());
        boolean sound;
        try (EngineSlot engines = new EngineSlot(options)) {
            ScenarioRun run = new ScenarioRun(options, MeasuredRates.read(options.ceilings()), engines, out);
            sound = run.runAll(scenarios(options.virtual()).stream()
                    .filter(scenario -> wanted(scenario, options.gpu().only()))
                    .toList());
        }
        System.exit(sound ? 0 : 1);
    }

    /** All rows that are written if there is time, without values. */
    public static List<ResultRow> planned(boolean virtual) {
        return scenarios(virtual).stream()
                .flatMap(scenario -> scenario.rows().stream())
                .map(row -> ResultRow.missing(ScenarioRun.STAGE, row.name(), row.shape(), row.unit(), "not measured yet"))
                .toList();
    }

    private static List<Scenario> scenarios(boolean virtual) {
        return virtual ? tiny() : full();
    }

    private static boolean wanted(Scenario scenario, String only) {
        return scenario.rows().stream().anyMatch(row -> row.name().contains(only) || row.shape().contains(only));
    }

    /** All scenarios for a device. */
    private static List<Scenario> full() {
        EngineSetup large = setup(GpuShapes.llama8b(), TensorType.BF16);
        EngineSetup small = setup(GpuShapes.llama1b(), TensorType.BF16);
        List<Scenario> scenarios = new ArrayList<>(List.of(
                decode(large, 1, OptionalDouble.of(BATCH_1_OF_8B)),
                decode(large, 256, NO_TARGET),
                new PrefillScenario(large, 4096, REPETITIONS, PREFILL_SHARE),
                new RandomRequestsScenario(large, 500, 4096, 2048),
                decode(large, 8, NO_TARGET),
                decode(large, 64, NO_TARGET),
                new PrefillScenario(large, 512, REPETITIONS, NO_TARGET),
                new PrefillScenario(large, 1024, REPETITIONS, NO_TARGET),
                new PrefillScenario(large, 2048, REPETITIONS, NO_TARGET),
                new PrefillScenario(large, 8192, REPETITIONS, NO_TARGET)));
        scenarios.addAll(rates(small, OptionalDouble.of(BATCH_1_OF_1B)));
        scenarios.add(new ColdStartScenario(large.description(), TensorType.BF16, REPETITIONS));
        PlannersScenario.Load load = new PlannersScenario.Load(4096, 256, 8, 10, 6, 50);
        scenarios.add(new PlannersScenario(large.withScheduling("sarathi", 1024), load));
        scenarios.add(new PlannersScenario(large.withScheduling("prefill-first", 8192), load));
        scenarios.add(new PrefixScenario(large.withPrefixCache(), 64, 2048, 64, 64));
        for (TensorType type : List.of(TensorType.Q8_0, TensorType.Q4_K)) {
            scenarios.addAll(rates(setup(GpuShapes.llama8b(), type), NO_TARGET));
        }
        for (TensorType type : List.of(TensorType.Q8_0, TensorType.Q4_K)) {
            scenarios.addAll(rates(setup(GpuShapes.llama1b(), type), NO_TARGET));
        }
        return scenarios;
    }

    private static EngineSetup setup(ModelDescription description, TensorType type) {
        return new EngineSetup(description, type, "sarathi", 8192, 256, 8448, false);
    }

    private static DecodeScenario decode(EngineSetup setup, int batch, OptionalDouble target) {
        return new DecodeScenario(setup, batch, 128, 128, REPETITIONS, target);
    }

    private static List<Scenario> rates(EngineSetup setup, OptionalDouble batch1) {
        List<Scenario> scenarios = new ArrayList<>();
        scenarios.add(decode(setup, 1, batch1));
        for (int batch : List.of(8, 64, 256)) {
            scenarios.add(decode(setup, batch, NO_TARGET));
        }
        for (int tokens : List.of(512, 1024, 2048, 4096, 8192)) {
            scenarios.add(new PrefillScenario(setup, tokens, REPETITIONS, NO_TARGET));
        }
        return scenarios;
    }

    /** One of each kind, as small as it can be. */
    private static List<Scenario> tiny() {
        EngineSetup setup = new EngineSetup(GpuShapes.tiny(), TensorType.BF16, "sarathi", 16, 4, 64, false);
        EngineSetup blocks = new EngineSetup(GpuShapes.tiny(), TensorType.Q4_K, "sarathi", 16, 4, 64, false);
        PlannersScenario.Load load = new PlannersScenario.Load(24, 4, 4, 1, 1, 10_000);
        return List.of(
                new DecodeScenario(setup, 1, 4, 8, 1, NO_TARGET),
                new DecodeScenario(setup, 4, 4, 12, 1, NO_TARGET),
                new PrefillScenario(setup, 16, 1, NO_TARGET),
                new RandomRequestsScenario(setup, 4, 16, 6),
                new DecodeScenario(blocks, 1, 4, 6, 1, NO_TARGET),
                new ColdStartScenario(GpuShapes.tiny(), TensorType.Q8_0, 1),
                new PlannersScenario(setup.withScheduling("sarathi", 8), load),
                new PlannersScenario(setup.withScheduling("prefill-first", 16), load),
                new PrefixScenario(setup.withPrefixCache(), 2, 32, 4, 2));
    }
}
