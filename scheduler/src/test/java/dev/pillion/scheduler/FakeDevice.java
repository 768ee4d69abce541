package dev.pillion.scheduler;

import dev.pillion.memory.BlockAddress;
import dev.pillion.memory.BlockTable;
import dev.pillion.memory.CopyList;
import dev.pillion.memory.KvCache;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A device whose "keys and values" of a position are a hash of all tokens up to it. It reads every earlier position of
 * a segment from the blocks and compares: a wrong prefix hit, a missing copy, a block with two owners or a token that
 * was never computed shows at once. The next token is a function of the hash, so a sequence's tokens do not depend on
 * how it was scheduled.
 */
final class FakeDevice {
    static final int VOCABULARY = 40;
    static final int STOP_TOKEN = 7;

    private final int blockTokens;
    private final long[][] pools;
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
        if (sampled.length < plan.logitsRows()) {
            sampled = new int[2 * plan.logitsRows()];
            stopped = new boolean[2 * plan.logitsRows()];
        }
        copy(plan.copies(), plan.copies().size());
        int row = 0;
        for (int i = 0; i < plan.size(); i++) {
            long state = read(plan.sequence(i), plan.start(i));
            for (int p = plan.start(i); p < plan.start(i) + plan.length(i); p++) {
                state = next(state, plan.sequence(i).token(p));
                write(plan.sequence(i).blockTable(), p, state);
            }
            if (plan.wantsLogits(i)) {
                sampled[row] = sample(state, 0);
                stopped[row] = sampled[row] == STOP_TOKEN;
                row++;
            }
        }
    }

    /** Does a random part of a step, wrongly: what a failed step may leave behind. */
    void fail(BatchPlan plan, SplittableRandom random) {
        CopyList list = plan.copies();
        copy(list, random.nextInt(list.size() + 1));
        for (int i = 0; i < list.size(); i++) {
            if (random.nextInt(3) == 0) {
                int at = list.targetIndex(i) * blockTokens;
                Arrays.fill(pools[list.targetPool(i)], at, at + blockTokens, -1);
            }
        }
        for (int i = 0; i < plan.size(); i++) {
            for (int p = plan.start(i); p < plan.start(i) + plan.length(i) && random.nextInt(4) > 0; p++) {
                write(plan.sequence(i).blockTable(), p, -2);
            }
        }
    }

    /** The hash after the first {@code length} tokens, each checked against what the blocks hold. */
    private long read(Sequence sequence, int length) {
        long state = sequence.salt();
        BlockTable table = sequence.blockTable();
        for (int p = 0; p < length; p++) {
            state = next(state, sequence.token(p));
            long held = pools[BlockAddress.DEVICE_POOL][table.block(p / blockTokens) * blockTokens + p % blockTokens];
            if (held != state) {
                throw new IllegalStateException("sequence " + sequence.id() + " reads position " + p + " of " + length
                        + " from block " + table.block(p / blockTokens) + " and finds another prefix there");
            }
        }
        return state;
    }

    void write(BlockTable table, int position, long value) {
        pools[BlockAddress.DEVICE_POOL][table.block(position / blockTokens) * blockTokens
                + position % blockTokens] = value;
    }

    private void copy(CopyList list, int count) {
        for (int i = 0; i < count; i++) {
            boolean toDevice = list.targetPool(i) == BlockAddress.DEVICE_POOL;
            copies += toDevice && list.sourcePool(i) == BlockAddress.DEVICE_POOL ? 1 : 0;
            fetches += toDevice && list.sourcePool(i) == BlockAddress.HOST_POOL ? 1 : 0;
            System.arraycopy(
                    pools[list.sourcePool(i)],
                    list.sourceIndex(i) * blockTokens,
                    pools[list.targetPool(i)],
                    list.targetIndex(i) * blockTokens,
                    blockTokens);
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
