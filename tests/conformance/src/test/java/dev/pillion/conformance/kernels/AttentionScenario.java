package dev.pillion.conformance.kernels;

import dev.pillion.kernels.AttentionBatch;
import dev.pillion.kernels.AttentionGeometry;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * A step with random queries over sequences with random keys and values in a paged cache, and what attention of it is.
 * Blocks lie in random order; places of the cache that hold no token are NaN, and table entries that no position needs
 * name blocks far outside.
 */
final class AttentionScenario {
    static final int NO_WINDOW = Integer.MAX_VALUE;
    static final int LAYERS = 2;
    static final int LAYER = 1;
    private static final int UNUSED_ENTRIES = 3;
    private static final int OUTSIDE = 1 << 28;

    /**
     * Tokens of one sequence.
     *
     * @param start position of the first
     * @param length their number
     */
    record Segment(int start, int length) {}

    final AttentionGeometry geometry;
    final Element type;
    final AttentionBatch batch;
    final int groups;
    final int tokens;
    final int window;
    final float scale;
    final float softCap;
    /** {@code [token][head][headDim]}. */
    final float[] q;
    /** {@code [block][layer][key, value][kvHead][token in block][headDim]}. */
    final float[] pool;
    final int[] blocks;
    private final int[] segmentOf;

    /**
     * Makes a scenario.
     *
     * @param sharedBlocks leading blocks that the segments of each group have in common
     * @param groups segments of each group
     */
    AttentionScenario(
            AttentionGeometry geometry, int blockTokens, int window, float softCap, long seed, int[] sharedBlocks,
            Segment[]... groups) {
        SplittableRandom random = new SplittableRandom(seed);
        this.geometry = geometry;
        this.type = Element.valueOf(geometry.compute().toUpperCase(Locale.ROOT));
        this.window = window;
        this.softCap = softCap;
        this.groups = groups.length;
        scale = (float) (1 / Math.sqrt(geometry.headDim()));
        Segment[] segments = Arrays.stream(groups).flatMap(Arrays::stream).toArray(Segment[]::new);
        int[] segmentStart = new int[segments.length + 1];
        int[] blockStart = new int[segments.length + 1];
        int[] groupStart = new int[groups.length + 1];
        for (int g = 0; g < groups.length; g++) {
            groupStart[g + 1] = groupStart[g] + groups[g].length;
        }
        for (int s = 0; s < segments.length; s++) {
            segmentStart[s + 1] = segmentStart[s] + segments[s].length;
            blockStart[s + 1] = blockStart[s] + blocksOf(segments[s], blockTokens) + UNUSED_ENTRIES;
        }
        tokens = segmentStart[segments.length];
        segmentOf = new int[tokens];
        int[] positions = new int[tokens];
        for (int s = 0; s < segments.length; s++) {
            for (int t = segmentStart[s]; t < segmentStart[s + 1]; t++) {
                positions[t] = segments[s].start + t - segmentStart[s];
                segmentOf[t] = s;
            }
        }
        batch = new AttentionBatch(positions, segmentStart, blockStart, groupStart, sharedBlocks, blockTokens);
        blocks = new int[blockStart[segments.length]];
        int poolBlocks = fillTables(segments, blockTokens, random);
        q = new float[tokens * geometry.heads() * geometry.headDim()];
        for (int i = 0; i < q.length; i++) {
            q[i] = type.round((float) random.nextDouble(-3, 3));
        }
        pool = new float[Math.toIntExact(poolBlocks * blockStride())];
        Arrays.fill(pool, Float.NaN);
        fillPool(segments, random);
    }

    private static int blocksOf(Segment segment, int blockTokens) {
        return Math.ceilDiv(segment.start + segment.length, blockTokens);
    }

    private int fillTables(Segment[] segments, int blockTokens, SplittableRandom random) {
        Arrays.fill(blocks, OUTSIDE);
        int next = 0;
        for (int g = 0; g < groups; g++) {
            int leader = batch.groupStart()[g];
            for (int s = leader; s < batch.groupStart()[g + 1]; s++) {
                for (int b = 0; b < blocksOf(segments[s], blockTokens); b++) {
                    boolean shared = s > leader && b < batch.groupSharedBlocks()[g];
                    blocks[batch.blockStart()[s] + b] = shared ? blocks[batch.blockStart()[leader] + b] : next++;
                }
            }
        }
        int[] names = new int[next];
        for (int i = 0; i < next; i++) {
            int j = random.nextInt(i + 1);
            names[i] = names[j];
            names[j] = i;
        }
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = blocks[i] == OUTSIDE ? OUTSIDE : names[blocks[i]];
        }
        return next;
    }

    private void fillPool(Segment[] segments, SplittableRandom random) {
        for (int s = 0; s < segments.length; s++) {
            for (int position = 0; position < segments[s].start + segments[s].length; position++) {
                for (int head = 0; head < geometry.kvHeads(); head++) {
                    for (int d = 0; d < geometry.headDim(); d++) {
                        pool[keyAt(s, position, head) + d] = type.round((float) random.nextDouble(-2, 2));
                        pool[valueAt(s, position, head) + d] = type.round((float) random.nextDouble(-2, 2));
                    }
                }
            }
        }
    }

    long blockStride() {
        return LAYERS * 2L * plane();
    }

    long layerOffset() {
        return LAYER * 2L * plane();
    }

    /** Keys of one layer in a block. */
    private int plane() {
        return geometry.kvHeads() * batch.blockTokens() * geometry.headDim();
    }

    private int keyAt(int segment, int position, int kvHead) {
        int block = blocks[batch.blockStart()[segment] + position / batch.blockTokens()];
        return Math.toIntExact(block * blockStride() + layerOffset())
                + (kvHead * batch.blockTokens() + position % batch.blockTokens()) * geometry.headDim();
    }

    private int valueAt(int segment, int position, int kvHead) {
        return keyAt(segment, position, kvHead) + plane();
    }

    int position(int token) {
        return batch.positions()[token];
    }

    int firstVisible(int token) {
        return (int) Math.max(0, (long) position(token) - window + 1);
    }

    /**
     * Attention of one query over positions by definition, in double precision: the output, and after it the natural
     * logarithm of the sum of exponentials.
     */
    double[] reference(int token, int head, int from, int to) {
        int headDim = geometry.headDim();
        double[] result = new double[headDim + 1];
        double[] scores = new double[Math.max(0, to - from)];
        double largest = Double.NEGATIVE_INFINITY;
        for (int p = from; p < to; p++) {
            double dot = 0;
            int key = keyAt(segmentOf[token], p, head / geometry.group());
            for (int d = 0; d < headDim; d++) {
                dot += (double) q[(token * geometry.heads() + head) * headDim + d] * pool[key + d];
            }
            double score = dot * scale;
            scores[p - from] = softCap > 0 ? softCap * Math.tanh(score / softCap) : score;
            largest = Math.max(largest, scores[p - from]);
        }
        double sum = 0;
        for (int p = from; p < to; p++) {
            double weight = Math.exp(scores[p - from] - largest);
            int value = valueAt(segmentOf[token], p, head / geometry.group());
            for (int d = 0; d < headDim; d++) {
                result[d] += weight * pool[value + d];
            }
            sum += weight;
        }
        for (int d = 0; d < headDim && sum > 0; d++) {
            result[d] /= sum;
        }
        result[headDim] = sum > 0 ? largest + Math.log(sum) : Double.NEGATIVE_INFINITY;
        return result;
    }

    /**
     * The same in the precision of the kernels, one step after the other: f32 arithmetic, weights and result rounded to
     * the type. How far this is from {@link #reference} is what the type costs.
     */
    float[] baseline(int token, int head, int from, int to) {
        int headDim = geometry.headDim();
        float[] scores = new float[Math.max(0, to - from)];
        float largest = Float.NEGATIVE_INFINITY;
        for (int p = from; p < to; p++) {
            float dot = 0;
            int key = keyAt(segmentOf[token], p, head / geometry.group());
            for (int d = 0; d < headDim; d++) {
                dot += q[(token * geometry.heads() + head) * headDim + d] * pool[key + d];
            }
            float score = dot * scale;
            scores[p - from] = softCap > 0 ? softCap * (float) Math.tanh(score / softCap) : score;
            largest = Math.max(largest, scores[p - from]);
        }
        float[] result = new float[headDim];
        float sum = 0;
        for (int p = from; p < to; p++) {
            float weight = (float) Math.exp(scores[p - from] - largest);
            int value = valueAt(segmentOf[token], p, head / geometry.group());
            for (int d = 0; d < headDim; d++) {
                result[d] += type.round(weight) * pool[value + d];
            }
            sum += weight;
        }
        for (int d = 0; d < headDim && sum > 0; d++) {
            result[d] = type.round(result[d] / sum);
        }
        return result;
    }

    @Override
    public String toString() {
        return geometry + ", blocks of " + batch.blockTokens() + ", window " + window + ", cap " + softCap + ", "
                + groups + " groups, shared " + Arrays.toString(batch.groupSharedBlocks()) + ", segments at "
                + Arrays.toString(batch.segmentStart()) + ", positions " + Arrays.toString(batch.positions());
    }
}
