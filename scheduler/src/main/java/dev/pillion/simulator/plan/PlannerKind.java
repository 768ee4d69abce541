package dev.pillion.simulator.plan;

import dev.pillion.scheduler.BatchPlanner;
import dev.pillion.scheduler.OrcaPlanner;
import dev.pillion.scheduler.PrefillFirstPlanner;
import dev.pillion.scheduler.SarathiPlanner;
import dev.pillion.scheduler.StaticBatchPlanner;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The planners by name. */
public enum PlannerKind {
    /** Chunks under a fixed token budget. */
    SARATHI,
    /** Chunks under a budget that follows from the target for the time between tokens. */
    SARATHI_ADAPTIVE,
    /** New prompts before everything else, whole. */
    PREFILL_FIRST,
    /** Decodes and whole prompts in one batch. */
    ORCA,
    /** A batch runs to its end before the next begins. */
    STATIC;

    /** The planner. */
    public BatchPlanner planner() {
        return switch (this) {
            case SARATHI, SARATHI_ADAPTIVE -> new SarathiPlanner();
            case PREFILL_FIRST -> new PrefillFirstPlanner();
            case ORCA -> new OrcaPlanner();
            case STATIC -> new StaticBatchPlanner();
        };
    }

    /** Whether it cuts prompts, so that its token budget is the length of its chunks. */
    public boolean chunks() {
        return this == SARATHI || this == SARATHI_ADAPTIVE;
    }

    /**
     * A planner by name.
     *
     * @throws IllegalArgumentException if there is none; it names those there are
     */
    public static PlannerKind named(String name) {
        return Arrays.stream(values())
                .filter(kind -> kind.toString().equals(name.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "no planner \"" + name + "\"; known are " + String.join(", ", names())));
    }

    /** Names of all. */
    public static List<String> names() {
        return Arrays.stream(values()).map(PlannerKind::toString).toList();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
