package dev.pillion.simulator.cluster;

import dev.pillion.scheduler.FinishReason;
import dev.pillion.scheduler.Sequence;
import dev.pillion.scheduler.SequenceState;
import dev.pillion.simulator.KvTransfer;
import dev.pillion.simulator.Role;
import dev.pillion.simulator.report.LatencyHistogram;
import dev.pillion.simulator.workload.Request;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way from prompt to token instances. A request whose first token is there is parked on the prompt instance, keeps its
 * blocks until a token instance has reserved as many and the copy has arrived, and decodes on there. Requests for which no
 * token instance has room wait in order.
 */
final class HandOvers {
    private final KvTransfer transfer;
    private final List<SimulatedInstance> instances;
    private final EventQueue events;
    private final Deque<Sequence> waiting = new ArrayDeque<>();
    final LatencyHistogram times = new LatencyHistogram();
    long count;
    long bytes;

    HandOvers(KvTransfer transfer, List<SimulatedInstance> instances, EventQueue events) {
        this.transfer = transfer;
        this.instances = instances;
        this.events = events;
    }

    /** Whether some instance that generates tokens has room for the request when it is alone there. */
    boolean canEverTake(Request request) {
        for (SimulatedInstance instance : instances) {
            if (instance.spec.role() != Role.PROMPT) {
                long tokens = (long) request.promptTokens() + request.outputTokens() - 1;
                var cache = instance.engines[0].scheduler.cache();
                if (cache.blocksFor(tokens) <= cache.pool().blocks()) {
                    return true;
                }
            }
        }
        return false;
    }

    /** A request has its first token on a prompt instance and is to go on elsewhere. */
    void offer(RequestState state, long now) {
        VirtualEngine source = state.engine;
        if (source == null || !source.scheduler.canPark(state.sequence)) {
            return;
        }
        source.scheduler.park(state.sequence);
        state.moving = true;
        waiting.add(state.sequence);
        retry(now);
    }

    /** Starts copies for those who wait, as far as there is room. */
    void retry(long now) {
        while (!waiting.isEmpty()) {
            Sequence first = waiting.getFirst();
            // One that is not parked any more was lost with its instance.
            if (first.state() == SequenceState.PARKED && !begin(RequestState.of(first), now)) {
                return;
            }
            waiting.removeFirst();
        }
    }

    private boolean begin(RequestState state, long now) {
        Sequence original = state.sequence;
        Sequence copy = original.continuation();
        VirtualEngine target = reserve(copy);
        VirtualEngine source = state.engine;
        if (target == null || source == null) {
            return false;
        }
        int tokens = original.length() - 1;
        double seconds = KvLink.seconds(source.instance, target.instance, tokens);
        double sinceStart = (state.lastTokenNanos - original.firstScheduledNanos()) * 1e-9;
        double layers = transfer.overlappedLayers();
        double left = layers > 1 ? Math.max(seconds / layers, seconds - sinceStart) : seconds;
        long end = KvLink.send(source.instance, target.instance, now, left, transfer.latencyNanos());
        events.at(end, later -> arrived(state, original, copy, source, target, later));
        return true;
    }

    /** Reserves blocks on the instance that has the largest share of its blocks free. */
    private @Nullable VirtualEngine reserve(Sequence copy) {
        VirtualEngine best = null;
        double bestFree = -1;
        for (SimulatedInstance instance : instances) {
            if (instance.accepts() && instance.spec.role() != Role.PROMPT) {
                for (VirtualEngine engine : instance.engines) {
                    var pool = engine.scheduler.cache().pool();
                    double free = (double) pool.freeBlocks() / pool.blocks();
                    if (free > bestFree) {
                        best = engine;
                        bestFree = free;
                    }
                }
            }
        }
        return best != null && best.scheduler.reserve(copy, copy.length()) ? best : null;
    }

    private void arrived(
            RequestState state, Sequence original, Sequence copy, VirtualEngine source, VirtualEngine target, long now) {
        if (original.isFinished()) {
            // The prompt instance failed, and the request has started over.
            target.scheduler.finish(copy, FinishReason.ABORTED);
            target.instance.wake();
            return;
        }
        if (copy.isFinished()) {
            waiting.addFirst(original);
            retry(now);
            return;
        }
        times.add(now - state.lastTokenNanos);
        count++;
        bytes += (original.length() - 1L) * source.instance.model.kvBytesPerToken();
        state.sequence = copy;
        state.engine = target;
        state.moving = false;
        source.scheduler.finish(original, FinishReason.ABORTED);
        target.scheduler.resume(copy);
        source.instance.wake();
        target.instance.wake();
        source.instance.leaveServiceIfDrained(now);
    }
}
