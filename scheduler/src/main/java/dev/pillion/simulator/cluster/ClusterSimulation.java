package dev.pillion.simulator.cluster;

import dev.pillion.scheduler.Admission;
import dev.pillion.scheduler.BatchPlan;
import dev.pillion.scheduler.SchedulerInvariants;
import dev.pillion.scheduler.Sequence;
import dev.pillion.simulator.Cluster;
import dev.pillion.simulator.ClusterEvent;
import dev.pillion.simulator.InstanceSpec;
import dev.pillion.simulator.Role;
import dev.pillion.simulator.Simulation;
import dev.pillion.simulator.SimulationOptions;
import dev.pillion.simulator.report.SimulationReport;
import dev.pillion.simulator.routing.Router;
import dev.pillion.simulator.workload.Request;
import dev.pillion.simulator.workload.RequestSource;
import dev.pillion.simulator.workload.Workload;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A cluster serving a workload: requests come, are routed, and move; steps end; instances fail and drain. Steps that begin
 * at a time begin after all else that happens at it, so that they know all of it.
 */
public final class ClusterSimulation {
    private final Workload workload;
    private final Cluster cluster;
    private final SimulationOptions options;
    private final EventQueue events = new EventQueue();
    private final SplittableRandom random;
    private final RequestRecorder recorder;
    private final PrefixProbe probe = new PrefixProbe();
    private final List<SimulatedInstance> instances = new ArrayList<>();
    private final List<SimulatedInstance> candidates = new ArrayList<>();
    private final Router router;
    private final HandOvers handOvers;
    private final @Nullable Rebalancer rebalancer;
    private final boolean caching;
    /** Instances that may start a step. */
    private final List<SimulatedInstance> changed = new ArrayList<>();
    /** Requests for which no instance is in service. */
    private final Deque<Sequence> homeless = new ArrayDeque<>();

    private final RequestSource source;
    private final EventQueue.Event arrival = this::arrive;
    private @Nullable Request next;
    private long progressStep;
    private long endNanos;
    long offered;
    long refused;
    long resubmitted;
    long lostToFailure;

    private ClusterSimulation(Workload workload, Cluster cluster, SimulationOptions options) {
        this.workload = workload;
        this.cluster = cluster;
        this.options = options;
        random = new SplittableRandom(options.seed());
        recorder = new RequestRecorder(options.serviceLevel());
        router = cluster.router().get();
        caching = workload.sharesPrefixes();
        SimulatedInstance.Listener listener = new SimulatedInstance.Listener() {
            @Override
            public void changed(SimulatedInstance instance) {
                changed.add(instance);
            }

            @Override
            public void stepEnded(VirtualEngine engine, long now) {
                ClusterSimulation.this.stepEnded(engine, now);
            }
        };
        for (InstanceSpec spec : cluster.instances()) {
            SimulatedInstance instance = new SimulatedInstance(
                    instances.size(), spec, caching, options.timelinePoints(), events, probe, listener);
            instances.add(instance);
        }
        handOvers = new HandOvers(cluster.transfer(), instances, events);
        rebalancer = cluster.migration().isPresent()
                ? new Rebalancer(cluster.migration().get(), instances, events)
                : null;
        source = workload.open();
    }

    /** As {@link Simulation#run}. */
    public static SimulationReport run(Workload workload, Cluster cluster, SimulationOptions options) {
        return new ClusterSimulation(workload, cluster, options).run();
    }

    private SimulationReport run() {
        expectNext();
        for (ClusterEvent event : cluster.events()) {
            events.at(event.atNanos(), now -> happen(event, now));
        }
        if (rebalancer != null) {
            rebalancer.start();
        }
        while (!events.isEmpty() && events.nextNanos() <= options.limitNanos()) {
            long now = events.nextNanos();
            events.take().happen(now);
            if (events.isEmpty() || events.nextNanos() > now) {
                startSteps(now);
            }
        }
        options.progress().at(recorder.finished + refused, workload.size(), endNanos);
        return new ReportBuilder(workload, cluster, options, instances, recorder, handOvers, rebalancer)
                .build(endNanos, offered, refused, resubmitted, lostToFailure);
    }

    /** All that happens at this time has happened, so the steps that begin now know all of it. */
    private void startSteps(long now) {
        for (int i = 0; i < changed.size(); i++) {
            SimulatedInstance instance = changed.get(i);
            instance.startSteps(now);
            if (options.checkInvariants()) {
                for (VirtualEngine engine : instance.engines) {
                    SchedulerInvariants.check(engine.scheduler);
                }
            }
        }
        changed.clear();
    }

    private void expectNext() {
        next = source.next();
        if (next != null) {
            events.at(next.arrivalNanos(), arrival);
        }
    }

    private void arrive(long now) {
        Request request = next;
        if (request == null) {
            return;
        }
        endNanos = now;
        offered++;
        int[] prompt = new int[request.promptTokens()];
        if (caching) {
            request.content().fill(request, prompt);
        }
        RequestState state = new RequestState(request, prompt, recorder.firstDueNanos(request));
        route(state.sequence, prompt);
        expectNext();
    }

    /** Sends a sequence to an instance. */
    private void route(Sequence sequence, int[] tokens) {
        candidates.clear();
        for (SimulatedInstance instance : instances) {
            if (instance.accepts() && instance.spec.role() != Role.TOKEN) {
                candidates.add(instance);
            }
        }
        if (candidates.isEmpty()) {
            homeless.add(sequence);
            return;
        }
        RequestState state = RequestState.of(sequence);
        if (!handOvers.canEverTake(state.request)) {
            refused++;
            return;
        }
        probe.ask(tokens, sequence.salt());
        SimulatedInstance chosen = candidates.get(router.choose(state.request, candidates, random));
        if (!(chosen.submit(sequence) instanceof Admission.Accepted)) {
            refused++;
        }
    }

    private void routeAgain(Sequence lost) {
        Sequence next = lost.continuation();
        RequestState state = RequestState.of(lost);
        state.sequence = next;
        state.moving = false;
        resubmitted++;
        int[] tokens = new int[next.length()];
        next.copyTokens(0, tokens, 0, tokens.length);
        route(next, tokens);
    }

    private void stepEnded(VirtualEngine engine, long now) {
        endNanos = now;
        BatchPlan step = engine.commit(recorder, now);
        SimulatedInstance instance = engine.instance;
        boolean anyFinished = false;
        for (int i = 0; i < step.size(); i++) {
            if (!step.wantsLogits(i)) {
                continue;
            }
            Sequence sequence = step.sequence(i);
            RequestState state = RequestState.of(sequence);
            instance.outputTokens++;
            if (sequence.isFinished()) {
                anyFinished = true;
                instance.finished++;
                recorder.finished(state, now);
                report(now);
            } else if (instance.spec.role() == Role.PROMPT) {
                handOvers.offer(state, now);
            }
        }
        if (rebalancer != null) {
            rebalancer.stepEnded(engine, now);
        }
        if (anyFinished) {
            handOvers.retry(now);
            instance.leaveServiceIfDrained(now);
        }
        instance.wake();
        if (options.checkInvariants()) {
            SchedulerInvariants.check(engine.scheduler);
        }
    }

    private void report(long now) {
        if (++progressStep * 1000 >= workload.size()) {
            progressStep = 0;
            options.progress().at(recorder.finished + refused, workload.size(), now);
        }
    }

    private void happen(ClusterEvent event, long now) {
        SimulatedInstance instance = instances.get(event.instance());
        switch (event) {
            case ClusterEvent.Failure failure -> fail(instance, failure, now);
            case ClusterEvent.Drain drain -> drain(instance, now);
        }
    }

    private void fail(SimulatedInstance instance, ClusterEvent.Failure failure, long now) {
        if (instance.isFailed) {
            return;
        }
        List<Sequence> lost = new ArrayList<>();
        instance.fail(now, sequence -> {
            // A copy that was on its way in does not count; its original lives elsewhere.
            if (RequestState.of(sequence).sequence == sequence) {
                lostToFailure += sequence.computed();
                lost.add(sequence);
            }
        });
        if (failure.recoveryNanos() < Long.MAX_VALUE - now) {
            events.at(now + failure.recoveryNanos(), later -> {
                instance.recover(later);
                sendHomeless();
                handOvers.retry(later);
            });
        }
        for (Sequence sequence : lost) {
            routeAgain(sequence);
        }
    }

    private void sendHomeless() {
        for (int left = homeless.size(); left > 0; left--) {
            Sequence sequence = homeless.remove();
            int[] tokens = new int[sequence.length()];
            sequence.copyTokens(0, tokens, 0, tokens.length);
            route(sequence, tokens);
        }
    }

    private void drain(SimulatedInstance instance, long now) {
        instance.isDraining = true;
        boolean elsewhere = false;
        for (SimulatedInstance other : instances) {
            elsewhere |= other.accepts() && other.spec.role() != Role.TOKEN;
        }
        if (elsewhere) {
            List<Sequence> waiting = new ArrayList<>();
            instance.giveUpWaiting(waiting::add);
            for (Sequence sequence : waiting) {
                routeAgain(sequence);
            }
        }
        instance.leaveServiceIfDrained(now);
    }
}
