package dev.pillion.simulator.cluster;

import dev.pillion.scheduler.FinishReason;
import dev.pillion.scheduler.Sequence;
import dev.pillion.scheduler.SequenceState;
import dev.pillion.simulator.LiveMigration;

/**
 * One request on its way to another instance while it decodes (Llumnix, section 4.2): copy what there is, then what came
 * meanwhile, and so on, until little is left; pause it between two steps, copy that, and let it run on the target. Each
 * stage first reserves its blocks there. Where the request ends, loses its blocks or finds no room, it stays what it is
 * and where it is.
 */
final class Migration {
    final VirtualEngine source;
    private final VirtualEngine target;
    private final RequestState state;
    private final Sequence original;
    private final Sequence copy;
    private final LiveMigration settings;
    private final EventQueue events;
    private final Rebalancer rebalancer;
    private int copiedTokens;
    private int stages;
    private boolean wantsPause;
    private boolean isOver;
    private long pausedAt;

    Migration(
            RequestState state, VirtualEngine target, LiveMigration settings, EventQueue events, Rebalancer rebalancer) {
        this.state = state;
        this.target = target;
        this.settings = settings;
        this.events = events;
        this.rebalancer = rebalancer;
        original = state.sequence;
        copy = original.continuation();
        if (state.engine == null) {
            throw new IllegalStateException("request " + state.request.id() + " is nowhere");
        }
        source = state.engine;
    }

    boolean touches(SimulatedInstance instance) {
        return instance == source.instance || instance == target.instance;
    }

    /** Starts the first copy; false if there is no room, and then it is over. */
    boolean begin(long now) {
        state.moving = true;
        return copyStage(now);
    }

    private boolean copyStage(long now) {
        int tokens = original.length() - 1;
        if (!target.scheduler.reserve(copy, original.length())) {
            end(false, now);
            return false;
        }
        stages++;
        events.at(send(tokens, now), later -> stageArrived(tokens, later));
        return true;
    }

    private long send(int tokens, long now) {
        double seconds = KvLink.seconds(source.instance, target.instance, tokens - copiedTokens);
        return KvLink.send(source.instance, target.instance, now, seconds, settings.latencyNanos());
    }

    private void stageArrived(int tokens, long now) {
        copiedTokens = tokens;
        if (original.state() != SequenceState.RUNNING || copy.isFinished()) {
            end(false, now);
            return;
        }
        if (original.length() - 1 - copiedTokens > settings.pauseTokens() && stages < settings.mostStages()) {
            copyStage(now);
            return;
        }
        wantsPause = true;
        if (source.scheduler.canPark(original)) {
            pause(now);
        }
    }

    void stepEnded(VirtualEngine engine, long now) {
        if (engine != source || !wantsPause) {
            return;
        }
        if (original.state() != SequenceState.RUNNING || copy.isFinished()) {
            end(false, now);
        } else if (source.scheduler.canPark(original)) {
            pause(now);
        }
    }

    private void pause(long now) {
        wantsPause = false;
        if (!target.scheduler.reserve(copy, original.length())) {
            end(false, now);
            return;
        }
        source.scheduler.park(original);
        pausedAt = now;
        int tokens = original.length() - 1;
        events.at(send(tokens, now), later -> lastArrived(tokens, later));
    }

    private void lastArrived(int tokens, long now) {
        copiedTokens = tokens;
        if (original.isFinished() || copy.isFinished()) {
            if (original.state() == SequenceState.PARKED) {
                source.scheduler.resume(original);
            }
            end(false, now);
            return;
        }
        copy.catchUp(original);
        state.sequence = copy;
        state.engine = target;
        source.scheduler.finish(original, FinishReason.ABORTED);
        target.scheduler.resume(copy);
        end(true, now);
    }

    private void end(boolean success, long now) {
        if (isOver) {
            return;
        }
        isOver = true;
        if (!success) {
            target.scheduler.finish(copy, FinishReason.ABORTED);
        }
        if (state.sequence == (success ? copy : original)) {
            state.moving = false;
        }
        long copied = (long) copiedTokens * source.instance.model.kvBytesPerToken();
        rebalancer.ended(this, success, now - pausedAt, copied, now);
        source.instance.wake();
        target.instance.wake();
    }
}
