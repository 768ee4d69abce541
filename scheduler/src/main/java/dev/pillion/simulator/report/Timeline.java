package dev.pillion.simulator.report;

/**
 * What an instance did over time, in buckets of equal width from the start of the run; all arrays are equally long.
 *
 * @param bucketSeconds width of a bucket
 * @param steps steps begun
 * @param decodeTokensPerStep decodes in a step, on average
 * @param prefillTokensPerStep prompt tokens in a step, on average
 * @param running sequences running, on average over time
 * @param waiting sequences waiting, on average over time
 * @param kvOccupancy share of KV blocks in use, on average over time
 */
public record Timeline(
        double bucketSeconds,
        double[] steps,
        double[] decodeTokensPerStep,
        double[] prefillTokensPerStep,
        double[] running,
        double[] waiting,
        double[] kvOccupancy) {
}
