package dev.pillion.simulator.cluster;

import dev.pillion.memory.BlockPool;
import dev.pillion.scheduler.Scheduler;
import dev.pillion.scheduler.Sequence;
import dev.pillion.simulator.LiveMigration;
import dev.pillion.simulator.Role;
import dev.pillion.simulator.report.LatencyHistogram;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides which running requests migrate where, by the instances' freeness; each gives or takes one at a time. */
final class Rebalancer {
    private final LiveMigration settings;
    private final List<SimulatedInstance> instances;
    private final EventQueue events;
    private final List<Migration> migrations = new ArrayList<>();
    final LatencyHistogram downtimes = new LatencyHistogram();
    long done;
    long cancelled;
    long bytes;

    Rebalancer(LiveMigration settings, List<SimulatedInstance> instances, EventQueue events) {
        this.settings = settings;
        this.instances = instances;
        this.events = events;
    }

    void start() {
        events.at(settings.periodNanos(), this::look);
    }

    private void look(long now) {
        while (migrateOne(now)) {
            // Each turn takes a source and a target out of the next.
        }
        if (!events.isEmpty()) {
            // Where nothing else will ever happen, looking again changes nothing.
            events.at(now + settings.periodNanos(), this::look);
        }
    }

    private boolean migrateOne(long now) {
        SimulatedInstance source = null;
        SimulatedInstance target = null;
        double least = settings.sourceBelow();
        double most = settings.targetAbove();
        for (SimulatedInstance instance : instances) {
            if (instance.isFailed || instance.spec.role() == Role.PROMPT || isBusy(instance)) {
                continue;
            }
            double freeness = freeness(instance);
            if (freeness < least && instance.running() > 0) {
                least = freeness;
                source = instance;
            }
            if (freeness > most && instance.accepts()) {
                most = freeness;
                target = instance;
            }
        }
        if (source == null || target == null || source == target) {
            return false;
        }
        RequestState moving = choose(source);
        if (moving == null) {
            return false;
        }
        Migration migration = new Migration(moving, roomiest(target), settings, events, this);
        migrations.add(migration);
        return migration.begin(now);
    }

    private boolean isBusy(SimulatedInstance instance) {
        for (Migration migration : migrations) {
            if (migration.touches(instance)) {
                return true;
            }
        }
        return false;
    }

    /** Steps until memory is full; least where the instance drains. */
    static double freeness(SimulatedInstance instance) {
        if (instance.isDraining) {
            return Double.NEGATIVE_INFINITY;
        }
        double free = 0;
        int running = 0;
        for (VirtualEngine engine : instance.engines) {
            Scheduler scheduler = engine.scheduler;
            int blockTokens = scheduler.cache().blockTokens();
            free += (double) scheduler.cache().pool().freeBlocks() * blockTokens;
            free -= scheduler.waiting() > 0 ? scheduler.waiting(0).length() : 0;
            running += scheduler.running();
        }
        return free / Math.max(1, running);
    }

    /** The least important of those that decode, of equals the one with least to copy. */
    private static @Nullable RequestState choose(SimulatedInstance source) {
        Sequence best = null;
        for (VirtualEngine engine : source.engines) {
            for (int i = 0; i < engine.scheduler.running(); i++) {
                Sequence candidate = engine.scheduler.running(i);
                boolean decodes = candidate.generated() > 0 && candidate.computed() >= candidate.length() - 1;
                if (decodes && !RequestState.of(candidate).moving
                        && (best == null || candidate.priority() < best.priority()
                        || candidate.priority() == best.priority() && candidate.length() < best.length())) {
                    best = candidate;
                }
            }
        }
        return best == null ? null : RequestState.of(best);
    }

    private static VirtualEngine roomiest(SimulatedInstance target) {
        VirtualEngine best = target.engines[0];
        for (VirtualEngine engine : target.engines) {
            BlockPool pool = engine.scheduler.cache().pool();
            if (pool.freeBlocks() > best.scheduler.cache().pool().freeBlocks()) {
                best = engine;
            }
        }
        return best;
    }

    /** A step has ended: sequences that wait for that may be paused now. */
    void stepEnded(VirtualEngine engine, long now) {
        for (int i = migrations.size() - 1; i >= 0; i--) {
            migrations.get(i).stepEnded(engine, now);
        }
    }

    void ended(Migration migration, boolean success, long downtimeNanos, long copiedBytes, long now) {
        migrations.remove(migration);
        bytes += copiedBytes;
        if (success) {
            done++;
            downtimes.add(downtimeNanos);
        } else {
            cancelled++;
        }
        if (migration.source.instance.isDraining && success) {
            migration.source.instance.leaveServiceIfDrained(now);
            events.at(now, this::drainOn);
        }
    }

    /** Where an instance drains, the next migration begins when the last has ended, not with the next period. */
    private void drainOn(long now) {
        while (migrateOne(now)) {
            // Each turn takes a source and a target out of the next.
        }
    }
}
