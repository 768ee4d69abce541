package dev.pillion.simulator.plan;

import dev.pillion.scheduler.FirstComeFirstServed;
import dev.pillion.scheduler.HighestPriority;
import dev.pillion.scheduler.LeastSlack;
import dev.pillion.scheduler.LongestPrefixMatch;
import dev.pillion.scheduler.QueuePolicy;
import dev.pillion.scheduler.ShortestFirst;
import dev.pillion.simulator.Cluster;
import dev.pillion.simulator.InstanceSpec;
import dev.pillion.simulator.Simulation;
import dev.pillion.simulator.SimulationOptions;
import dev.pillion.simulator.workload.Request;
import dev.pillion.simulator.workload.Workload;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The orders of those who wait, by name. */
public enum QueuePolicyKind {
    /** First come, first served. */
    FCFS,
    /** The most important first. */
    PRIORITY,
    /** Who has the least time left before the deadline, beside the work to do. */
    DEADLINE,
    /** The shortest prompt first, aging. */
    SHORTEST,
    /** Who finds most of the prompt in the prefix cache. */
    PREFIX;

    private static final int TYPICAL_CHUNK = 256;

    /** The policy on an instance, which says how long a token takes where that matters. */
    public QueuePolicy policy(InstanceSpec instance) {
        return switch (this) {
            case FCFS -> new FirstComeFirstServed();
            case PRIORITY -> new HighestPriority();
            case DEADLINE -> new LeastSlack(promptTokenNanos(instance), decodeNanos(instance));
            case SHORTEST -> new ShortestFirst(promptTokenNanos(instance));
            case PREFIX -> new LongestPrefixMatch();
        };
    }

    private static long promptTokenNanos(InstanceSpec instance) {
        return aloneNanos(instance, TYPICAL_CHUNK, 1) / TYPICAL_CHUNK;
    }

    private static long decodeNanos(InstanceSpec instance) {
        return aloneNanos(instance, 1, 2) - aloneNanos(instance, 1, 1);
    }

    /** Time a request takes that has the instance to itself. */
    private static long aloneNanos(InstanceSpec instance, int promptTokens, int outputTokens) {
        Workload request = Workload.of(List.of(new Request(0, 0, promptTokens, outputTokens)));
        Cluster alone = Cluster.of(new InstanceSpec(instance.model(), instance.settings()), 1);
        return Math.round(1e9 * Simulation.run(request, alone, SimulationOptions.defaults()).seconds());
    }

    /**
     * An order by name.
     *
     * @throws IllegalArgumentException if there is none; it names those there are
     */
    public static QueuePolicyKind named(String name) {
        return Arrays.stream(values())
                .filter(kind -> kind.toString().equals(name.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no queue policy \"" + name + "\"; known are "
                        + String.join(", ", Arrays.stream(values()).map(QueuePolicyKind::toString).toList())));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
