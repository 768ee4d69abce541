package dev.pillion.simulator.cluster;

import dev.pillion.memory.HashChain;
import dev.pillion.memory.KvCache;
import org.jspecify.annotations.Nullable;

/** Looks the prompt of the request that is being routed up in prefix caches, hashing it once. */
final class PrefixProbe {
    private int[] tokens = new int[0];
    private long salt;
    private @Nullable HashChain chain;
    private int chainBlockTokens;

    void ask(int[] prompt, long promptSalt) {
        tokens = prompt;
        salt = promptSalt;
        chain = null;
    }

    /** Leading tokens that are cached. */
    int cachedTokens(KvCache cache) {
        if (!cache.prefixCaching()) {
            return 0;
        }
        HashChain own = chain;
        if (own == null || chainBlockTokens != cache.blockTokens()) {
            own = cache.newChain(salt, tokens.length);
            chain = own;
            chainBlockTokens = cache.blockTokens();
        }
        return cache.match(own, tokens, tokens.length) * cache.blockTokens();
    }
}
