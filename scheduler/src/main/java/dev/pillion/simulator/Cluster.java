package dev.pillion.simulator;

import dev.pillion.simulator.routing.LeastLoad;
import dev.pillion.simulator.routing.Router;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What serves the requests.
 *
 * @param instances the instances; where any has the role {@link Role#PROMPT}, one must be {@link Role#TOKEN} or
 *     {@link Role#MIXED}
 * @param router makes the router that spreads requests over the instances that compute prompts
 * @param transfer how keys and values move from prompt to token instances
 * @param migration live migration, where wanted
 * @param events failures and drains
 */
public record Cluster(
        List<InstanceSpec> instances,
        Supplier<? extends Router> router,
        KvTransfer transfer,
        Optional<LiveMigration> migration,
        List<ClusterEvent> events) {

    /** Checks that the instances can serve a request together and the events name them. */
    public Cluster {
        instances = List.copyOf(instances);
        events = List.copyOf(events);
        boolean prompts = false;
        boolean tokens = false;
        for (InstanceSpec instance : instances) {
            prompts |= instance.role() != Role.TOKEN;
            tokens |= instance.role() != Role.PROMPT;
        }
        if (!prompts || !tokens) {
            throw new IllegalArgumentException("a cluster of " + instances.size() + " instances in which none "
                    + (prompts ? "generates tokens: one needs the role TOKEN or MIXED"
                            : "computes prompts: one needs the role PROMPT or MIXED"));
        }
        if (migration.isPresent() || hasRoles(instances)) {
            long bytes = instances.getFirst().model().kvBytesPerToken();
            for (InstanceSpec instance : instances) {
                if (instance.model().kvBytesPerToken() != bytes) {
                    throw new IllegalArgumentException("keys and values cannot move between instances whose tokens have "
                            + bytes + " and " + instance.model().kvBytesPerToken() + " bytes of them: "
                            + instance.model().description());
                }
            }
        }
        for (ClusterEvent event : events) {
            if (event.instance() >= instances.size()) {
                throw new IllegalArgumentException(event + " in a cluster of " + instances.size() + " instances");
            }
        }
    }

    private static boolean hasRoles(List<InstanceSpec> instances) {
        for (InstanceSpec instance : instances) {
            if (instance.role() == Role.PROMPT) {
                return true;
            }
        }
        return false;
    }

    /** Instances behind a router for the least load, without migration or events. */
    public static Cluster of(List<InstanceSpec> instances) {
        return new Cluster(instances, LeastLoad::new, new KvTransfer(0, 1), Optional.empty(), List.of());
    }

    /** The same instance so many times. */
    public static Cluster of(InstanceSpec instance, int count) {
        return of(Collections.nCopies(count, instance));
    }

    /** The same behind another router. */
    public Cluster withRouter(Supplier<? extends Router> other) {
        return new Cluster(instances, other, transfer, migration, events);
    }

    /** The same with transfers of another kind. */
    public Cluster withTransfer(KvTransfer other) {
        return new Cluster(instances, router, other, migration, events);
    }

    /** The same with live migration. */
    public Cluster withMigration(LiveMigration other) {
        return new Cluster(instances, router, transfer, Optional.of(other), events);
    }

    /** The same with these failures and drains. */
    public Cluster withEvents(List<ClusterEvent> others) {
        return new Cluster(instances, router, transfer, migration, others);
    }

    /** One line for people: how many of what. */
    public String description() {
        StringBuilder text = new StringBuilder();
        for (int from = 0, to; from < instances.size(); from = to) {
            InstanceSpec first = instances.get(from);
            for (to = from + 1; to < instances.size() && instances.get(to).equals(first); ) {
                to++;
            }
            text.append(text.isEmpty() ? "" : "; ").append(to - from).append(" x ").append(first.model().description());
            text.append(first.role() == Role.MIXED ? "" : " (" + first.role().name().toLowerCase(Locale.ROOT) + ")");
        }
        return text.append(", router ").append(router.get().name()).toString();
    }
}
