package dev.pillion.scheduler;

import dev.pillion.memory.KvCache;

/**
 * By cached prefix: whoever finds most of its prompt in the cache goes first, before eviction takes it. Only the oldest
 * {@code window} are compared, since each comparison walks the index; behind them it is first come, first served.
 *
 * @param window how many of the oldest waiting are compared
 */
public record LongestPrefixMatch(int window) implements QueuePolicy {
    /** Compares the oldest 128, where other engines found that the walks begin to cost more than they bring. */
    public LongestPrefixMatch() {
        this(128);
    }

    /** Checks the window. */
    public LongestPrefixMatch {
        if (window < 1) {
            throw new IllegalArgumentException("a window of " + window + " sequences");
        }
    }

    @Override
    public String name() {
        return "lpm";
    }

    @Override
    public long key(Sequence sequence) {
        return 0;
    }

    @Override
    public long windowKey(Sequence sequence, KvCache cache) {
        return -cache.match(sequence.chain(), sequence.tokens, sequence.length);
    }
}
