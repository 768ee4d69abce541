package dev.pillion.simulator.report;

/**
 * One instance of a simulation.
 *
 * @param number its place in the cluster, from 0 on
 * @param description what it is
 * @param role what it does: mixed, prompt or token
 * @param finished requests that got their last token here
 * @param steps steps committed
 * @param outputTokens tokens generated here
 * @param preemptions times a sequence lost its blocks to another
 * @param meanOccupancy share of KV blocks in use, over the run
 * @param peakOccupancy largest share in use
 * @param inServiceSeconds time it was paid for
 * @param stageBusySeconds time each stage computed
 * @param stageBubbleSeconds time each stage idled while the instance had work
 * @param timeline what it did over time
 */
public record InstanceReport(
        int number,
        String description,
        String role,
        long finished,
        long steps,
        long outputTokens,
        long preemptions,
        double meanOccupancy,
        double peakOccupancy,
        double inServiceSeconds,
        double[] stageBusySeconds,
        double[] stageBubbleSeconds,
        Timeline timeline) {
}
