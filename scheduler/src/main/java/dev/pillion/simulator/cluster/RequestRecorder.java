package dev.pillion.simulator.cluster;

import dev.pillion.scheduler.Sequence;
import dev.pillion.simulator.ServiceLevel;
import dev.pillion.simulator.report.LatencyHistogram;
import dev.pillion.simulator.report.SimulationReport.Latencies;
import dev.pillion.simulator.workload.Request;

/** Measures what requests live through. */
final class RequestRecorder {
    private final ServiceLevel level;
    private final boolean isPaced;
    private final LatencyHistogram firstToken = new LatencyHistogram();
    private final LatencyHistogram betweenTokens = new LatencyHistogram();
    private final LatencyHistogram schedulingDelay = new LatencyHistogram();
    private final LatencyHistogram endToEnd = new LatencyHistogram();
    private final LatencyHistogram perOutputToken = new LatencyHistogram();
    /** Decodes of one step have mostly the same gap, which is counted before it is entered. */
    private long runGap;

    private long runLength;
    long finished;
    long met;
    long tokens;
    long tokensOnTime;
    long promptTokens;
    long outputTokens;

    RequestRecorder(ServiceLevel level) {
        this.level = level;
        isPaced = level.firstTokenNanos() != ServiceLevel.UNLIMITED && level.betweenTokensNanos() != ServiceLevel.UNLIMITED;
    }

    /** When the first token of a request is due. */
    long firstDueNanos(Request request) {
        return isPaced ? request.arrivalNanos() + level.firstTokenNanos() : Long.MAX_VALUE;
    }

    void token(RequestState state, long now) {
        if (state.tokens++ == 0) {
            Sequence sequence = state.sequence;
            state.firstTokenNanos = now;
            firstToken.add(now - sequence.arrivalNanos());
            schedulingDelay.add(sequence.firstScheduledNanos() - sequence.arrivalNanos());
        } else {
            gap(state, now - state.lastTokenNanos);
        }
        state.lastTokenNanos = now;
        tokens++;
        if (now <= state.dueNanos) {
            tokensOnTime++;
        }
        if (isPaced) {
            state.dueNanos += level.betweenTokensNanos();
        }
    }

    private void gap(RequestState state, long nanos) {
        if (nanos > level.betweenTokensNanos()) {
            state.lateGaps++;
        }
        if (nanos == runGap) {
            runLength++;
        } else {
            enterRun();
            runGap = nanos;
            runLength = 1;
        }
    }

    private void enterRun() {
        if (runLength > 0) {
            betweenTokens.add(runGap, runLength);
            runLength = 0;
        }
    }

    void finished(RequestState state, long now) {
        Request request = state.request;
        finished++;
        promptTokens += request.promptTokens();
        outputTokens += state.tokens;
        endToEnd.add(now - request.arrivalNanos());
        if (state.tokens > 1) {
            perOutputToken.add((state.lastTokenNanos - state.firstTokenNanos) / (state.tokens - 1));
        }
        boolean inTime = now - request.arrivalNanos() <= level.endToEndNanos() && now <= request.deadlineNanos();
        boolean firstInTime = state.firstTokenNanos - request.arrivalNanos() <= level.firstTokenNanos();
        if (inTime && firstInTime && 100L * state.lateGaps <= state.tokens - 1) {
            met++;
        }
    }

    Latencies latencies() {
        enterRun();
        return new Latencies(
                firstToken.summary(), betweenTokens.summary(), schedulingDelay.summary(), endToEnd.summary(),
                perOutputToken.summary());
    }
}
