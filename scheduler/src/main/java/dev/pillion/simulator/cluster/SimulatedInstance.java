package dev.pillion.simulator.cluster;

import dev.pillion.memory.KvCache;
import dev.pillion.scheduler.Admission;
import dev.pillion.scheduler.BatchPlan;
import dev.pillion.scheduler.FinishReason;
import dev.pillion.scheduler.Scheduler;
import dev.pillion.scheduler.Sequence;
import dev.pillion.simulator.InstanceModel;
import dev.pillion.simulator.InstanceSettings;
import dev.pillion.simulator.InstanceSpec;
import dev.pillion.simulator.Role;
import dev.pillion.simulator.report.TimelineRecorder;
import dev.pillion.simulator.routing.InstanceView;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One instance: its schedulers, its pipeline, and what is measured of it. It starts a step whenever the first stage is
 * free and a scheduler has something to plan, going round the schedulers, and says when a step has ended.
 */
final class SimulatedInstance implements InstanceView {
    /** Hears of steps, and when to look for the next. */
    interface Listener {
        /** Something has changed: {@link #startSteps} is to be called when all that happens now has happened. */
        void changed(SimulatedInstance instance);

        /** A step has run and must be committed. */
        void stepEnded(VirtualEngine engine, long now);
    }

    final int number;
    final InstanceSpec spec;
    final InstanceModel model;
    final VirtualEngine[] engines;
    final Pipeline pipeline;
    final TimelineRecorder timeline;
    private final EventQueue events;
    private final PrefixProbe probe;
    private final Listener listener;
    private final EventQueue.Event stageFree = now -> wake();
    private boolean isWoken;
    private int nextEngine;
    /** Steps begun before a failure must not end after it. */
    private int life;

    private EventQueue.Event[] stepEnds;

    boolean isFailed;
    boolean isDraining;
    final ServiceTime service = new ServiceTime();
    long egressFreeAt;
    long ingressFreeAt;
    double joules;
    long finished;
    long outputTokens;

    SimulatedInstance(
            int number, InstanceSpec spec, boolean caching, int timelinePoints, EventQueue events, PrefixProbe probe,
            Listener listener) {
        this.number = number;
        this.spec = spec;
        this.events = events;
        this.probe = probe;
        this.listener = listener;
        model = spec.model();
        InstanceSettings settings = spec.settings();
        int stages = model.pipelineStages();
        long perEngine = model.kvBlocks(settings.blockTokens()) / stages;
        if (perEngine < 1) {
            throw new IllegalArgumentException("instance " + number + " (" + model.description() + ") has room for "
                    + model.kvBlocks(settings.blockTokens()) + " KV blocks, and its " + stages
                    + " schedulers need one each: use more or larger GPUs, or a smaller model or quantisation");
        }
        engines = new VirtualEngine[stages];
        stepEnds = new EventQueue.Event[stages];
        int blocks = (int) Math.min(perEngine, 1 << 26);
        for (int i = 0; i < stages; i++) {
            engines[i] = new VirtualEngine(this, settings, blocks, caching && settings.prefixCaching());
        }
        armStepEnds();
        pipeline = new Pipeline(model);
        timeline = new TimelineRecorder(timelinePoints, (long) blocks * stages);
    }

    private void armStepEnds() {
        int armedIn = ++life;
        for (int i = 0; i < engines.length; i++) {
            VirtualEngine engine = engines[i];
            stepEnds[i] = now -> {
                if (armedIn == life) {
                    listener.stepEnded(engine, now);
                }
            };
        }
    }

    /** Offers a sequence to the scheduler that has most of its prefix, or else the least to do. */
    Admission submit(Sequence sequence) {
        VirtualEngine best = engines[0];
        if (engines.length > 1) {
            best = bestFor();
        }
        Sequence taken = spec.role() == Role.PROMPT ? leavingEarly(sequence, best.scheduler.cache()) : sequence;
        Admission admission = best.scheduler.submit(taken);
        if (admission instanceof Admission.Accepted) {
            RequestState state = RequestState.of(sequence);
            state.sequence = taken;
            state.engine = best;
            wake();
        }
        return admission;
    }

    /**
     * The same sequence with no longer an answer than the pool has room for: it leaves with its next token, so the rest of
     * its answer need not fit here.
     */
    private static Sequence leavingEarly(Sequence sequence, KvCache cache) {
        // The last token has no keys and values.
        long room = (long) cache.pool().blocks() * cache.blockTokens() - sequence.promptLength() + 1;
        boolean isShortened = room < sequence.maxTokens() && room >= sequence.generated() + 2L;
        return isShortened ? sequence.continuation((int) room) : sequence;
    }

    private VirtualEngine bestFor() {
        VirtualEngine best = engines[0];
        int bestCached = probe.cachedTokens(best.scheduler.cache());
        for (VirtualEngine engine : engines) {
            int cached = probe.cachedTokens(engine.scheduler.cache());
            if (cached > bestCached || cached == bestCached && load(engine) < load(best)) {
                best = engine;
                bestCached = cached;
            }
        }
        return best;
    }

    private static int load(VirtualEngine engine) {
        return engine.scheduler.running() + engine.scheduler.waiting() + engine.scheduler.parked();
    }

    /** Has it look for a step to start, once all that happens at this time has happened. */
    void wake() {
        if (!isWoken) {
            isWoken = true;
            listener.changed(this);
        }
    }

    /** Starts a step if the first stage is free and there is one to start. */
    void startSteps(long now) {
        isWoken = false;
        if (isFailed) {
            return;
        }
        if (hasWork()) {
            pipeline.workArrived(now);
        } else {
            pipeline.workEnded(now);
        }
        if (pipeline.firstFreeAt() <= now) {
            for (int tried = 0; tried < engines.length; tried++) {
                int at = nextEngine;
                nextEngine = at + 1 == engines.length ? 0 : at + 1;
                if (engines[at].isReady() && start(at, now)) {
                    break;
                }
            }
        }
        measure(now);
    }

    private boolean start(int at, long now) {
        BatchPlan step = engines[at].plan(now);
        if (step == null) {
            return false;
        }
        timeline.step(now, step.decodeTokens(), step.prefillTokens());
        joules += model.stepJoules(step);
        long end = pipeline.run(step, now);
        events.at(end, stepEnds[at]);
        if (engines.length > 1 && pipeline.firstFreeAt() < end) {
            events.at(pipeline.firstFreeAt(), stageFree);
        }
        return true;
    }

    private void measure(long now) {
        int running = 0;
        int waiting = 0;
        long used = 0;
        for (VirtualEngine engine : engines) {
            running += engine.scheduler.running();
            waiting += engine.scheduler.waiting();
            used += engine.usedBlocks();
        }
        timeline.level(now, running, waiting, used);
    }

    boolean hasWork() {
        for (VirtualEngine engine : engines) {
            if (engine.isInFlight() || engine.scheduler.hasWork()) {
                return true;
            }
        }
        return false;
    }

    private boolean holdsAnything() {
        for (VirtualEngine engine : engines) {
            if (engine.scheduler.parked() > 0) {
                return true;
            }
        }
        return hasWork();
    }

    /** Whether it takes new requests. */
    boolean accepts() {
        return !isFailed && !isDraining;
    }

    /** Takes those who wait out of the queues, to go elsewhere. */
    void giveUpWaiting(Consumer<Sequence> taker) {
        for (VirtualEngine engine : engines) {
            Scheduler scheduler = engine.scheduler;
            List<Sequence> taken = new ArrayList<>();
            while (scheduler.waiting() > 0) {
                Sequence sequence = scheduler.waiting(0);
                taken.add(sequence);
                scheduler.finish(sequence, FinishReason.ABORTED);
            }
            taken.forEach(taker);
        }
    }

    /** Loses everything; hands each sequence out before it ends. */
    void fail(long now, Consumer<Sequence> taker) {
        for (VirtualEngine engine : engines) {
            Scheduler scheduler = engine.scheduler;
            engine.rollback();
            while (scheduler.running() > 0) {
                end(scheduler, scheduler.running(0), taker);
            }
            while (scheduler.parked() > 0) {
                end(scheduler, scheduler.parked(0), taker);
            }
            while (scheduler.waiting() > 0) {
                end(scheduler, scheduler.waiting(0), taker);
            }
            scheduler.cache().forgetContent();
        }
        isFailed = true;
        armStepEnds();
        pipeline.fail(now);
        measure(now);
        service.leave(now);
    }

    private static void end(Scheduler scheduler, Sequence sequence, Consumer<Sequence> taker) {
        taker.accept(sequence);
        scheduler.finish(sequence, FinishReason.ABORTED);
    }

    void recover(long now) {
        isFailed = false;
        if (!isDraining) {
            service.enter(now);
        }
    }

    /** A draining instance that holds nothing more need not be paid for. */
    void leaveServiceIfDrained(long now) {
        if (isDraining && !holdsAnything()) {
            service.leave(now);
        }
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public int running() {
        int running = 0;
        for (VirtualEngine engine : engines) {
            running += engine.scheduler.running() + engine.scheduler.parked();
        }
        return running;
    }

    @Override
    public int waiting() {
        int waiting = 0;
        for (VirtualEngine engine : engines) {
            waiting += engine.scheduler.waiting();
        }
        return waiting;
    }

    @Override
    public long waitingTokens() {
        long tokens = 0;
        for (VirtualEngine engine : engines) {
            tokens += engine.scheduler.waitingTokens();
        }
        return tokens;
    }

    @Override
    public long freeBlocks() {
        long free = 0;
        for (VirtualEngine engine : engines) {
            free += engine.scheduler.cache().pool().freeBlocks();
        }
        return free;
    }

    @Override
    public long freeTokens() {
        return freeBlocks() * spec.settings().blockTokens();
    }

    @Override
    public long blocks() {
        return (long) engines.length * engines[0].scheduler.cache().pool().blocks();
    }

    @Override
    public int cachedTokens() {
        int most = 0;
        for (VirtualEngine engine : engines) {
            most = Math.max(most, probe.cachedTokens(engine.scheduler.cache()));
        }
        return most;
    }
}
