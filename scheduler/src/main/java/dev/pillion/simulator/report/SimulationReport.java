package dev.pillion.simulator.report;

import java.util.List;

/**
 * Everything a simulation found.
 *
 * @param workload what was asked
 * @param cluster what served it
 * @param seconds virtual time from 0 to the last event
 * @param requests what became of the requests
 * @param latencies how long things took
 * @param service what was delivered as promised
 * @param throughput rates over {@code seconds}
 * @param tokens tokens computed, and why
 * @param scheduling what the schedulers did
 * @param cache KV blocks and prefix cache
 * @param pipeline how the stages were used
 * @param movement sequences moved between instances
 * @param cost money and energy
 * @param instances each instance by itself
 */
public record SimulationReport(
        String workload,
        String cluster,
        double seconds,
        RequestCounts requests,
        Latencies latencies,
        Service service,
        Throughput throughput,
        Tokens tokens,
        Scheduling scheduling,
        CacheUse cache,
        PipelineUse pipeline,
        Movement movement,
        Cost cost,
        List<InstanceReport> instances) {

    /**
     * What became of the requests: {@code offered = finished + refused + unfinished}.
     *
     * @param offered requests that came
     * @param finished requests that got all their tokens
     * @param refused requests that never fit, or found a full queue
     * @param unfinished requests still there at the end, since no instance was left or the time limit came
     * @param resubmitted times a request was sent to another instance after it had been given to one
     */
    public record RequestCounts(long offered, long finished, long refused, long unfinished, long resubmitted) {
    }

    /**
     * How long things took.
     *
     * @param timeToFirstToken arrival to first token
     * @param timeBetweenTokens each gap between two tokens of a request, all gaps pooled
     * @param schedulingDelay arrival to the start of the first step that computes for the request
     * @param endToEnd arrival to last token
     * @param timePerOutputToken last less first token over their distance, one for each request of two tokens or more
     */
    public record Latencies(
            LatencySummary timeToFirstToken,
            LatencySummary timeBetweenTokens,
            LatencySummary schedulingDelay,
            LatencySummary endToEnd,
            LatencySummary timePerOutputToken) {
    }

    /**
     * What was delivered as promised.
     *
     * @param level the promise
     * @param requestsMet finished requests that met it, deadlines included
     * @param attainment their share of the requests offered
     * @param goodputPerSecond their number per second
     * @param tokensOnTime tokens that came no later than their place in an answer that keeps the promise token for
     *     token: token {@code i} by arrival + TTFT + {@code i} x TBT. Unlike goodput, this does not reward giving a late
     *     request up (arXiv 2410.14257)
     * @param onTimeShare their share of all tokens generated
     */
    public record Service(
            String level,
            long requestsMet,
            double attainment,
            double goodputPerSecond,
            long tokensOnTime,
            double onTimeShare) {
    }

    /**
     * Rates over the whole run.
     *
     * @param requestsPerSecond finished requests
     * @param outputTokensPerSecond tokens generated
     * @param promptTokensPerSecond prompt tokens of finished requests, found in the cache or computed
     * @param shareOfOptimal time the instances would have needed at their bound over the time they had; -1 where no
     *     bound was given
     */
    public record Throughput(
            double requestsPerSecond,
            double outputTokensPerSecond,
            double promptTokensPerSecond,
            double shareOfOptimal) {
    }

    /**
     * Tokens computed, and why. Where every request finished,
     * {@code prefill + decode + prefixHits = required + lostToPreemption + lostToFailure}.
     *
     * @param prompt prompt tokens of finished requests
     * @param output tokens generated for finished requests
     * @param required keys and values finished requests needed: prompt and output, less the last token
     * @param prefill tokens computed in prefill segments
     * @param decode tokens computed in decodes
     * @param prefixHits tokens found in the prefix cache at an admission
     * @param recomputed tokens computed again after a preemption or a failure
     * @param lostToPreemption tokens whose keys and values were given up by a preemption
     * @param lostToFailure tokens whose keys and values were lost with an instance
     */
    public record Tokens(
            long prompt,
            long output,
            long required,
            long prefill,
            long decode,
            long prefixHits,
            long recomputed,
            long lostToPreemption,
            long lostToFailure) {
    }

    /**
     * What the schedulers did.
     *
     * @param steps steps committed
     * @param tokensPerStep tokens in a step, on average
     * @param preemptions times a sequence lost its blocks to another
     * @param overtakes admissions past one that did not fit
     */
    public record Scheduling(long steps, double tokensPerStep, long preemptions, long overtakes) {
    }

    /**
     * KV blocks and prefix cache.
     *
     * @param blocks blocks of all instances
     * @param meanOccupancy share of them in use, over the run
     * @param peakOccupancy largest share in use on any one instance
     * @param prefixHitRate share of the tokens admitted that the prefix cache had
     */
    public record CacheUse(long blocks, double meanOccupancy, double peakOccupancy, double prefixHitRate) {
    }

    /**
     * How the stages were used, over all stages of all instances.
     *
     * @param busyShare share of the run stages computed
     * @param bubbleSeconds time stages idled while their instance had work
     * @param bubbleShare that time over the time they had work
     */
    public record PipelineUse(double busyShare, double bubbleSeconds, double bubbleShare) {
    }

    /**
     * Sequences moved between instances while they ran.
     *
     * @param migrations live migrations done
     * @param migrationsCancelled live migrations given up, since the sequence ended or no room was left
     * @param migratedBytes keys and values they copied
     * @param downtime time from a sequence's last step on the source until it could run on the target
     * @param transfers hand-overs from prompt to token instances
     * @param transferredBytes keys and values they copied
     * @param transferTime time from the end of the prompt until the sequence could run on the token instance
     */
    public record Movement(
            long migrations,
            long migrationsCancelled,
            long migratedBytes,
            LatencySummary downtime,
            long transfers,
            long transferredBytes,
            LatencySummary transferTime) {
    }

    /**
     * Money and energy, for as long as instances were in service.
     *
     * @param dollars price of all instances
     * @param dollarsPerMillionOutputTokens the same per million tokens generated; 0 without any
     * @param joules energy of all instances, idling included
     * @param joulesPerMillionOutputTokens the same per million tokens generated; 0 without any
     */
    public record Cost(
            double dollars,
            double dollarsPerMillionOutputTokens,
            double joules,
            double joulesPerMillionOutputTokens) {
    }
}
