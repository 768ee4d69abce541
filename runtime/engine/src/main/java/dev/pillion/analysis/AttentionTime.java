package dev.pillion.analysis;

import dev.pillion.scheduler.BatchShape;
import dev.pillion.scheduler.CostModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How long the attention of a step takes, all layers together: for each segment a time of its own and a time for each
 * token of context, both by the segment's length. Kernels share what they load among the queries of a segment, in tiles
 * whose size is theirs, so that no one rate serves a decode and a chunk. Keys and values that a cache holds from one step
 * to the next cost less than those that must come from memory, so bytes beyond caches pay extra.
 *
 * @param perStep seconds of every step
 * @param perSegment seconds of a segment by its number of tokens, whatever its context
 * @param perContext seconds per token of context, the mean over the segment's tokens, by the segment's number of tokens
 * @param cacheBytes sizes of caches, ascending
 * @param perByteBeyond extra seconds per byte of keys and values beyond each
 */
public record AttentionTime(
        double perStep, TimeCurve perSegment, TimeCurve perContext, double[] cacheBytes, double[] perByteBeyond) {

    private static final int[] LENGTHS = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096};
    private static final double[] CACHES = {1e6, 4e6, 16e6, 64e6};

    /** Checks that nothing is negative, and copies. */
    public AttentionTime {
        cacheBytes = cacheBytes.clone();
        perByteBeyond = perByteBeyond.clone();
        if (cacheBytes.length != perByteBeyond.length) {
            throw new IllegalArgumentException(
                    cacheBytes.length + " caches, but times for bytes beyond " + perByteBeyond.length);
        }
        notNegative(perStep);
        for (int i = 0; i < cacheBytes.length; i++) {
            notNegative(cacheBytes[i]);
            notNegative(perByteBeyond[i]);
        }
    }

    private static void notNegative(double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("attention times must be 0 or more, not " + value);
        }
    }

    /** Lengths of segments, ascending, that measurements for {@link #fit} should have, up to a longest. */
    static int[] lengths(int longest) {
        int[] below = Arrays.stream(LENGTHS).filter(length -> length < longest).toArray();
        int[] lengths = Arrays.copyOf(below, below.length + 1);
        lengths[below.length] = longest;
        return lengths;
    }

    /** Seconds the attention of a batch takes. Allocates nothing. */
    double seconds(CostModel cost, BatchShape batch) {
        return batch.tokens() == 0 ? 0 : perStep + decodeSeconds(cost, batch) + chunkSeconds(cost, batch);
    }

    /** The part of the segments of one token and of the bytes of all segments. */
    double decodeSeconds(CostModel cost, BatchShape batch) {
        long bytes = cost.kvReadBytes(batch);
        double seconds = batch.decodes() * perSegment.at(1) + decodeContexts(cost, batch) * perContext.at(1);
        for (int i = 0; i < cacheBytes.length; i++) {
            seconds += perByteBeyond[i] * Math.max(0, bytes - cacheBytes[i]);
        }
        return seconds;
    }

    /** The part of the longer segments; where there are several, all count as long as their mean. */
    double chunkSeconds(CostModel cost, BatchShape batch) {
        if (batch.chunks() == 0) {
            return 0;
        }
        long length = meanChunk(batch);
        return batch.chunks() * (perSegment.at(length) + meanChunkContext(cost, batch) * perContext.at(length));
    }

    /** The same with all times so many times as long. */
    AttentionTime scaled(double factor) {
        return new AttentionTime(
                factor * perStep,
                perSegment.scaled(factor),
                perContext.scaled(factor),
                cacheBytes,
                Arrays.stream(perByteBeyond).map(time -> factor * time).toArray());
    }

    /** Contexts of the decodes, summed; the mean over the layers, some of which may have windows. */
    private static double decodeContexts(CostModel cost, BatchShape batch) {
        return (double) cost.overLayers(batch.decodeAttendedTokens(), batch.decodeAttendedInWindow())
                / cost.model().layers();
    }

    private static long meanChunk(BatchShape batch) {
        return Math.round((double) (batch.tokens() - batch.decodes()) / batch.chunks());
    }

    private static double meanChunkContext(CostModel cost, BatchShape batch) {
        long attended = cost.overLayers(
                batch.attendedTokens() - batch.decodeAttendedTokens(),
                batch.attendedInWindow() - batch.decodeAttendedInWindow());
        return (double) attended / cost.model().layers() / (batch.tokens() - batch.decodes());
    }

    /** The times that come nearest to measurements. */
    static AttentionTime fit(CostModel cost, List<BatchShape> batches, double[] seconds) {
        long longest = 1;
        for (BatchShape batch : batches) {
            longest = Math.max(longest, batch.chunks() == 0 ? 1 : meanChunk(batch));
        }
        int[] lengths = lengths((int) longest);
        List<double[]> features = new ArrayList<>();
        batches.forEach(batch -> features.add(features(cost, batch, lengths)));
        double[] c = NonNegativeFit.solveRobustly(features, seconds);
        int n = lengths.length;
        return new AttentionTime(
                c[0],
                new TimeCurve(lengths, Arrays.copyOfRange(c, 1, 1 + n)),
                new TimeCurve(lengths, Arrays.copyOfRange(c, 1 + n, 1 + 2 * n)),
                CACHES,
                Arrays.copyOfRange(c, 1 + 2 * n, c.length));
    }

    /** How often each time of the record goes into the batch's: those of both curves, point by point, in the middle. */
    private static double[] features(CostModel cost, BatchShape batch, int[] lengths) {
        int n = lengths.length;
        double[] features = new double[1 + 2 * n + CACHES.length];
        features[0] = 1;
        for (int i = 0; i < n; i++) {
            // A curve is linear in its values: the share of one is what the curve gives where it alone is 1.
            double[] unit = new double[n];
            unit[i] = 1;
            TimeCurve point = new TimeCurve(lengths, unit);
            double ofDecodes = point.at(1);
            double ofChunks = batch.chunks() == 0 ? 0 : batch.chunks() * point.at(meanChunk(batch));
            features[1 + i] = batch.decodes() * ofDecodes + ofChunks;
            features[1 + n + i] = decodeContexts(cost, batch) * ofDecodes
                    + (batch.chunks() == 0 ? 0 : ofChunks * meanChunkContext(cost, batch));
        }
        long bytes = cost.kvReadBytes(batch);
        for (int i = 0; i < CACHES.length; i++) {
            features[1 + 2 * n + i] = Math.max(0, bytes - CACHES[i]);
        }
        return features;
    }

    @Override
    public double[] cacheBytes() {
        return cacheBytes.clone();
    }

    @Override
    public double[] perByteBeyond() {
        return perByteBeyond.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AttentionTime time
                && perStep == time.perStep
                && perSegment.equals(time.perSegment)
                && perContext.equals(time.perContext)
                && Arrays.equals(cacheBytes, time.cacheBytes)
                && Arrays.equals(perByteBeyond, time.perByteBeyond);
    }

    @Override
    public int hashCode() {
        return perSegment.hashCode() + 31 * perContext.hashCode() + Double.hashCode(perStep);
    }
}
