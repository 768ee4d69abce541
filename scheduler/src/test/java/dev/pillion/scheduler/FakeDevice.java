package dev.pillion.scheduler;

import dev.pillion.memory.BlockAddress;
import dev.pillion.memory.BlockTable;
import dev.pillion.memory.CopyList;
import dev.pillion.memory.KvCache;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A device whose "keys and values" of a position are a hash of all tokens up to it. It reads every earlier position of
 * a segment from the blocks and compares: a wrong prefix hit, a missing copy, a block with two owners or a token that
 * was never computed shows at once. The next token is a function of the hash, so a sequence's tokens do not depend on
 * how it was scheduled.
 *
 * <p>A real device runs a step some time after it was put together. So does this one: {@link #enqueue} writes down what
 * there is to do, and {@link #execute} does it, when host and scheduler are elsewhere already.
 */
final class FakeDevice {
    static final int VOCABULARY = 40;
    static final int STOP_TOKEN = 7;

    /** A segment as it was when the step was enqueued; the last token may be the one that an earlier row samples. */
    private record Segment(Sequence sequence, int[] tokens, int[] blocks, int start, int sampledBy, boolean logits) {
        int end() {
            return tokens.length;
        }
    }

    /** Copies as {@code [4]} each: source pool, source, target pool, target. */
    private record Step(List<int[]> copies, List<Segment> segments) {}

    private final int blockTokens;
    private final long[][] pools;
    private final ArrayDeque<Step> enqueued = new ArrayDeque<>();
    /** The token of each segment of the step executed last. */
    private int[] tokenOfSegment = {};
    int[] sampled = new int[16];
    boolean[] stopped = new boolean[16];
    long copies;
    long fetches;

    FakeDevice(KvCache cache) {
        blockTokens = cache.blockTokens();
        pools = new long[][] {
            new long[cache.pool().blocks() * blockTokens],
            new long[cache.hostPool().map(pool -> pool.blocks()).orElse(0) * blockTokens]
        };
    }

    /** Runs copies and segments and leaves one token per row of logits in {@link #sampled}. */
    void run(BatchPlan plan) {
        enqueue(plan);
        execute();
    }

    /** Writes down a step, to be executed after those enqueued before. */
    void enqueue(BatchPlan plan) {
        List<int[]> list = new ArrayList<>();
        CopyList from = plan.copies();
        for (int i = 0; i < from.size(); i++) {
            list.add(new int[] {
                from.sourcePool(i), from.sourceIndex(i), from.targetPool(i), from.targetIndex(i)
            });
        }
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i < plan.size(); i++) {
            Sequence sequence = plan.sequence(i);
            int end = plan.start(i) + plan.length(i);
            int[] tokens = new int[end];
            sequence.copyTokens(0, tokens, 0, end);
            int[] blocks = new int[sequence.blockTable().count()];
            sequence.blockTable().copyTo(blocks, 0);
            segments.add(new Segment(
                    sequence, tokens, blocks, plan.start(i), plan.sampledBy(i), plan.wantsLogits(i)));
        }
        enqueued.add(new Step(list, segments));
    }

    /** Runs the oldest step enqueued. */
    void execute() {
        Step step = enqueued.remove();
        copy(step.copies(), step.copies().size());
        int[] tokens = new int[step.segments().size()];
        if (sampled.length < tokens.length) {
            sampled = new int[2 * tokens.length];
            stopped = new boolean[2 * tokens.length];
        }
        int row = 0;
        for (int i = 0; i < tokens.length; i++) {
            Segment segment = step.segments().get(i);
            if (segment.sampledBy() >= 0) {
                segment.tokens()[segment.end() - 1] = tokenOfSegment[segment.sampledBy()];
            }
            long state = read(segment);
            for (int p = segment.start(); p < segment.end(); p++) {
                state = next(state, segment.tokens()[p]);
                write(segment, p, state);
            }
            if (segment.logits()) {
                tokens[i] = sample(state, 0);
                sampled[row] = tokens[i];
                stopped[row] = sampled[row] == STOP_TOKEN;
                row++;
            }
        }
        tokenOfSegment = tokens;
    }

    /** Does a random part of the oldest step enqueued, wrongly: what a failed step may leave behind. */
    void fail(SplittableRandom random) {
        Step step = enqueued.remove();
        copy(step.copies(), random.nextInt(step.copies().size() + 1));
        for (int[] each : step.copies()) {
            if (random.nextInt(3) == 0) {
                Arrays.fill(pools[each[2]], each[3] * blockTokens, (each[3] + 1) * blockTokens, -1);
            }
        }
        for (Segment segment : step.segments()) {
            for (int p = segment.start(); p < segment.end() && random.nextInt(4) > 0; p++) {
                write(segment, p, -2);
            }
        }
    }

    /** The hash of the tokens before a segment, each checked against what the blocks hold. */
    private long read(Segment segment) {
        long state = segment.sequence().salt();
        for (int p = 0; p < segment.start(); p++) {
            state = next(state, segment.tokens()[p]);
            if (pools[BlockAddress.DEVICE_POOL][place(segment, p)] != state) {
                throw new IllegalStateException("sequence " + segment.sequence().id() + " reads position " + p + " of "
                        + segment.start() + " from block " + segment.blocks()[p / blockTokens]
                        + " and finds another prefix there");
            }
        }
        return state;
    }

    void write(BlockTable table, int position, long value) {
        int block = table.block(position / blockTokens);
        pools[BlockAddress.DEVICE_POOL][block * blockTokens + position % blockTokens] = value;
    }

    private void write(Segment segment, int position, long value) {
        pools[BlockAddress.DEVICE_POOL][place(segment, position)] = value;
    }

    private int place(Segment segment, int position) {
        return segment.blocks()[position / blockTokens] * blockTokens + position % blockTokens;
    }

    private void copy(List<int[]> list, int count) {
        for (int[] each : list.subList(0, count)) {
            boolean toDevice = each[2] == BlockAddress.DEVICE_POOL;
            copies += toDevice && each[0] == BlockAddress.DEVICE_POOL ? 1 : 0;
            fetches += toDevice && each[0] == BlockAddress.HOST_POOL ? 1 : 0;
            System.arraycopy(
                    pools[each[0]], each[1] * blockTokens, pools[each[2]], each[3] * blockTokens, blockTokens);
        }
    }

    /** The hash after all tokens of a sequence up to {@code length}. */
    static long stateOf(Sequence sequence, int length) {
        long state = sequence.salt();
        for (int p = 0; p < length; p++) {
            state = next(state, sequence.token(p));
        }
        return state;
    }

    static int sample(long state, int sampleNumber) {
        return (int) Long.remainderUnsigned(mix(state + sampleNumber), VOCABULARY);
    }

    private static long next(long state, int token) {
        return mix(state * 31 + token + 1);
    }

    private static long mix(long value) {
        long z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
