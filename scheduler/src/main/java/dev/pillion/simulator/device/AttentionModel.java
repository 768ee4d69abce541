package dev.pillion.simulator.device;

/**
 * How long the attention of one layer takes.
 *
 * <p><b>Decodes</b> read their keys and values, once for each group of query heads, in tiles of 64 tokens; contexts are cut among
 * work groups, so that the memory is kept busy. A first part as large as the cache comes slower, while the kernel ramps up.
 *
 * <p><b>Chunks</b> are cut into tiles of 64 queries of one head. A tile walks over all keys it attends to, at a speed that does
 * not depend on how many of its queries there are, one tile on each multiprocessor; as long as there are not more tiles than
 * multiprocessors the longest decides, beyond that waves of them do, rounded up to full waves by an exponent (contexts of
 * different lengths pack better). Keys of one chunk are not split: a small chunk at the end of a long context is as slow as one
 * tile, which is what the measured kernels do.
 *
 * <p><b>Both in one launch</b> ({@link AttentionLaunch#MERGED}): decodes are then chunks of one query. Each of their query heads
 * walks over the keys by itself, and only heads that run at the same time share what they read; so the launch can take several
 * times as long as two separate ones.
 *
 * <p>Coefficients of decodes: overhead in seconds, share of bandwidth, additional time for bytes within the cache as a share of
 * the time at full bandwidth. Of chunks: share of the arithmetic rate a tile walks at, overhead of a tile in keys, exponent of
 * rounding up, overhead in seconds. Of one launch: share of arithmetic for chunks, overhead of a tile in keys, share for decodes,
 * overhead of a decode's tile in keys, share of bandwidth, reach of the cache, tiles a multiprocessor holds at once, sharpness of
 * the roof, part of the longest tile that is waited for at the end, overhead in seconds.
 */
final class AttentionModel {
    static final int DECODE = 3;
    static final int CHUNK = 4;
    static final int MERGED = 10;

    private static final int TILE = 64;

    private final double[] decode;
    private final double[] chunk;
    private final double[] merged;

    AttentionModel(double[] decode, double[] chunk, double[] merged) {
        OperatorCoefficients.requireCount("decode attention", decode, DECODE);
        OperatorCoefficients.requireCount("chunk attention", chunk, CHUNK);
        OperatorCoefficients.requireCount("merged attention", merged, MERGED);
        this.decode = decode;
        this.chunk = chunk;
        this.merged = merged;
    }

    /**
     * Seconds of the decodes of one layer.
     *
     * @param heads sizes of one rank
     * @param decodes how many
     * @param context sum of the tokens they attend to
     */
    double decodeSeconds(GpuDevice device, TransformerSizes heads, KvType kv, long decodes, long context) {
        if (decodes == 0) {
            return 0;
        }
        double bytes = (double) decodes * roundedUp((double) context / decodes) * heads.kvBytesPerLayer(kv);
        double warming = decode[2] * Math.min(bytes, device.cacheBytes());
        return decode[0] + (bytes / decode[1] + warming) / device.bytesPerSecond();
    }

    /** A context in whole tiles. */
    private static double roundedUp(double context) {
        return Math.ceil(context / TILE) * TILE;
    }

    /**
     * Seconds of the chunks of one layer; they are taken to be alike.
     *
     * @param heads sizes of one rank
     * @param chunks how many
     * @param tokens of all of them
     * @param work sum over all tokens of the tokens each attends to
     */
    double chunkSeconds(GpuDevice device, TransformerSizes heads, long chunks, long tokens, long work) {
        if (chunks == 0) {
            return 0;
        }
        double perKey = secondsPerKey(device, heads, chunk[0]);
        return chunk[3] + walked(device, heads, chunks, tokens, work, chunk[1], chunk[2]) * perKey;
    }

    /** Seconds one tile takes per key, on one multiprocessor that gets its part of the arithmetic rate. */
    private static double secondsPerKey(GpuDevice device, TransformerSizes heads, double share) {
        return 4.0 * heads.headDim() * TILE * device.multiprocessors() / (device.bf16FlopsPerSecond() * share);
    }

    /** Keys the busiest multiprocessor walks over. */
    private static double walked(
            GpuDevice device, TransformerSizes heads, long chunks, long tokens, long work, double overhead, double rounding) {
        double length = (double) tokens / chunks;
        double attended = (double) work / tokens;
        double longest = attended + (length - 1) / 2 + overhead;
        double waves = tiles(heads, chunks, length) / device.multiprocessors();
        if (waves <= 1) {
            return longest;
        }
        double mean = attended + (Math.min(length, TILE) - 1) / 2 + overhead;
        return Math.max(longest, waves * mean * Math.pow(Math.ceil(waves - 1e-9) / waves, rounding));
    }

    private static double tiles(TransformerSizes heads, long chunks, double length) {
        return chunks * Math.ceil(length / TILE) * heads.heads();
    }

    /** Seconds of chunks and decodes of one layer in one launch; there is at least one of each. */
    double mergedSeconds(
            GpuDevice device, TransformerSizes heads, KvType kv, long chunks, long tokens, long work, long decodes,
            long context) {
        double perKey = secondsPerKey(device, heads, merged[0]);
        double perDecodedKey = secondsPerKey(device, heads, merged[2]);
        int processors = device.multiprocessors();
        double length = (double) tokens / chunks;
        double attended = (double) work / tokens;
        double chunkTiles = tiles(heads, chunks, length);
        double decodeTiles = (double) decodes * heads.heads();
        double decoded = (double) context / decodes;

        double busy = chunkTiles * (attended + (Math.min(length, TILE) - 1) / 2 + merged[1]) * perKey / processors
                + decodeTiles * (roundedUp(decoded) + merged[3]) * perDecodedKey / processors;
        double longest = Math.max(attended + (length - 1) / 2, decoded) * perKey + merged[1] * perKey;
        double queued = Math.clamp((chunkTiles + decodeTiles) / processors - 1, 0, 1);
        double chunksAlone = walked(device, heads, chunks, tokens, work, merged[1], 0.5) * perKey;
        double walking = Math.max(Math.max(chunksAlone, busy + merged[8] * queued * longest), longest);
        return merged[9] + Roof.of(walking, mergedReading(device, heads, kv, decodes, context), merged[7]);
    }

    /** Seconds to read the decodes' keys and values, once for each query head unless those of a group find them in the cache. */
    private double mergedReading(GpuDevice device, TransformerSizes heads, KvType kv, long decodes, long context) {
        double once = (double) context * heads.kvBytesPerLayer(kv);
        double group = (double) heads.heads() / heads.kvHeads();
        double together = Math.clamp(device.multiprocessors() * merged[6] / decodes, 1, group);
        double overflow = Math.pow(once / heads.kvHeads() / (merged[5] * device.cacheBytes()), 2);
        double readings = 1 + (group / together - 1) * overflow / (1 + overflow);
        return once * readings / (device.bytesPerSecond() * merged[4]);
    }
}
