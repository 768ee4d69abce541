package dev.pillion.cpu;

import dev.pillion.model.TensorType;
import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.DeviceTensor;
import dev.pillion.spi.KvPool;
import dev.pillion.spi.KvLayout;
import dev.pillion.spi.OperationCounters;
import dev.pillion.spi.Rope;
import dev.pillion.spi.StepBatch;
import java.util.SplittableRandom;

/**
 * Some sequences with random queries, keys and values, whose attention can be computed step by step through a backend,
 * cut in any way, or directly in double precision. Positions do not turn anything here.
 */
final class AttentionRun implements AutoCloseable {
    private static final Rope NO_TURN = new Rope(Rope.Pairing.HALVES, new float[0], 1);
    private static final int LAYERS = 2;

    final AttentionSpec spec;
    final int blockTokens;
    final float[][] q;
    final float[][] k;
    final float[][] v;
    /** Output of each sequence, {@code [position][heads * headDim]}. */
    final float[][] out;

    private final CpuBackend backend;
    private final KvPool cache;
    private final TensorType type;
    private final int[][] tables;
    private final StepBatch batch;

    /** Sequences of these lengths; the first {@code sharedBlocks} blocks of all are the same. */
    AttentionRun(
            Kernels kernels, int threads, AttentionSpec spec, TensorType type, int blockTokens, int sharedBlocks,
            long seed, int... lengths) {
        SplittableRandom random = new SplittableRandom(seed);
        this.spec = spec;
        this.type = type;
        this.blockTokens = blockTokens;
        backend = new CpuBackend(kernels, threads);
        int count = lengths.length;
        q = new float[count][];
        k = new float[count][];
        v = new float[count][];
        out = new float[count][];
        tables = new int[count][];
        int blocks = 0;
        int kvWidth = spec.kvHeads() * spec.headDim();
        for (int s = 0; s < count; s++) {
            q[s] = RandomTensors.floats(lengths[s] * spec.heads() * spec.headDim(), random);
            k[s] = RandomTensors.floats(lengths[s] * kvWidth, random);
            v[s] = RandomTensors.floats(lengths[s] * kvWidth, random);
            out[s] = new float[q[s].length];
            System.arraycopy(k[0], 0, k[s], 0, sharedBlocks * blockTokens * kvWidth);
            System.arraycopy(v[0], 0, v[s], 0, sharedBlocks * blockTokens * kvWidth);
            tables[s] = new int[Math.ceilDiv(lengths[s], blockTokens)];
            for (int i = 0; i < tables[s].length; i++) {
                tables[s][i] = i < sharedBlocks && s > 0 ? tables[0][i] : blocks++;
            }
        }
        shuffle(blocks, random);
        KvLayout layout = new KvLayout(LAYERS, spec.kvHeads(), spec.headDim(), blockTokens, type);
        cache = backend.allocateKvPool(layout, blocks, KvPool.Tier.DEVICE);
        batch = new StepBatch(4096, 64, 4096, blockTokens);
    }

    private void shuffle(int blocks, SplittableRandom random) {
        int[] names = new int[blocks];
        for (int i = 0; i < blocks; i++) {
            int j = random.nextInt(i + 1);
            names[i] = names[j];
            names[j] = i;
        }
        for (int[] table : tables) {
            for (int i = 0; i < table.length; i++) {
                table[i] = names[table[i]];
            }
        }
    }

    /** Starts describing a step. */
    AttentionRun step() {
        batch.clear();
        return this;
    }

    AttentionRun group(int sharedBlocks) {
        batch.beginGroup(sharedBlocks);
        return this;
    }

    AttentionRun segment(int sequence, int start, int length) {
        batch.addSegment(new int[start + length], start, length, tables[sequence], tables[sequence].length);
        order[batch.segmentCount() - 1] = sequence;
        return this;
    }

    private final int[] order = new int[64];

    /** Runs the step and keeps its outputs. */
    void run() {
        int tokens = batch.tokenCount();
        int kvWidth = spec.kvHeads() * spec.headDim();
        DeviceTensor deviceQ = Steps.tensor(backend, tokens, spec.heads() * spec.headDim(), gather(q, tokens));
        DeviceTensor deviceK = Steps.tensor(backend, tokens, kvWidth, gather(k, tokens));
        DeviceTensor deviceV = Steps.tensor(backend, tokens, kvWidth, gather(v, tokens));
        DeviceTensor deviceOut = backend.allocate(tokens, spec.heads() * spec.headDim());
        backend.begin(batch, cache);
        backend.ropeAndWriteKv(deviceQ, deviceK, deviceV, NO_TURN, spec);
        backend.attention(deviceQ, spec, deviceOut);
        backend.finish();
        int width = spec.heads() * spec.headDim();
        for (int s = 0; s < batch.segmentCount(); s++) {
            for (int t = batch.segmentStart[s]; t < batch.segmentStart[s + 1]; t++) {
                System.arraycopy(
                        Steps.row(backend, deviceOut, t), 0, out[order[s]], batch.positions[t] * width, width);
            }
        }
    }

    private float[] gather(float[][] source, int tokens) {
        int width = source == q ? spec.heads() * spec.headDim() : spec.kvHeads() * spec.headDim();
        float[] gathered = new float[tokens * width];
        for (int s = 0; s < batch.segmentCount(); s++) {
            for (int t = batch.segmentStart[s]; t < batch.segmentStart[s + 1]; t++) {
                System.arraycopy(source[order[s]], batch.positions[t] * width, gathered, t * width, width);
            }
        }
        return gathered;
    }

    /** Computes a whole sequence in chunks of this length, alone. */
    AttentionRun prefill(int sequence, int chunk) {
        int length = q[sequence].length / (spec.heads() * spec.headDim());
        for (int start = 0; start < length; start += chunk) {
            step().group(0).segment(sequence, start, Math.min(chunk, length - start)).run();
        }
        return this;
    }

    OperationCounters counters() {
        return backend.counters();
    }

    /** Attention of one query by definition, with keys and values as the cache keeps them. */
    double[] reference(int sequence, int position, int head) {
        int headDim = spec.headDim();
        int kvHead = head / (spec.heads() / spec.kvHeads());
        int first = Math.max(0, position - spec.windowTokens() + 1);
        double[] weights = new double[position + 1];
        double largest = Double.NEGATIVE_INFINITY;
        for (int p = first; p <= position; p++) {
            double score = 0;
            for (int d = 0; d < headDim; d++) {
                score += (double) q[sequence][(position * spec.heads() + head) * headDim + d]
                        * stored(k[sequence][(p * spec.kvHeads() + kvHead) * headDim + d]);
            }
            weights[p] = score * spec.scale();
            largest = Math.max(largest, weights[p]);
        }
        double[] result = new double[headDim];
        double sum = 0;
        for (int p = first; p <= position; p++) {
            double weight = Math.exp(weights[p] - largest);
            sum += weight;
            for (int d = 0; d < headDim; d++) {
                result[d] += weight * stored(v[sequence][(p * spec.kvHeads() + kvHead) * headDim + d]);
            }
        }
        for (int d = 0; d < headDim; d++) {
            result[d] /= sum;
        }
        return result;
    }

    private float stored(float value) {
        return type == TensorType.F16 ? Float.float16ToFloat(Float.floatToFloat16(value)) : value;
    }

    @Override
    public void close() {
        backend.close();
    }
}
