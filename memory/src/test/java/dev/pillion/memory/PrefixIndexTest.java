package dev.pillion.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PrefixIndexTest {
    private static final int BLOCK = 4;

    private final BlockPool pool = BlockPool.indexed(32, block -> { });
    private final PrefixIndex index = new PrefixIndex(pool, BLOCK);
    private final PrefixHasher hasher = new PrefixHasher(1, 2);

    @Test
    void theHashIsSipHash13With128Bits() {
        // Key 00..0f, messages 00 01 02 .. of 16, 20, 28 and 32 bytes; from an independent implementation of the paper
        // that reproduces the published vectors of the 2-4 and the 1-3 variant.
        PrefixHasher reference = new PrefixHasher(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);
        int[] tokens = {0x13121110, 0x17161514, 0x1b1a1918, 0x1f1e1d1c};
        long[][] expected = {
            {0xeb8e511557d9a8d0L, 0x93179e3df8b013b5L},
            {0x0bcf90bb112f2c3cL, 0xb7e9912e9bca35e3L},
            {0, 0},
            {0x8cdd0f7bb3a23b4cL, 0x1494b289c1955efaL},
            {0xb25778e6de446c40L, 0xd317740cf3603194L}
        };
        for (int count : new int[] {0, 1, 3, 4}) {
            long[] link = new long[2];
            reference.link(0x0706050403020100L, 0x0f0e0d0c0b0a0908L, tokens, 0, count, link, 0);
            assertThat(link).as("%d tokens", count).containsExactly(expected[count]);
        }
    }

    @Test
    void aHitLeavesAtLeastOneTokenToCompute() {
        int[] tokens = tokens(12, 7);
        enter(tokens, 12, 0);
        int[] out = new int[8];
        assertThat(index.match(chain(tokens, 12, 0), tokens, 12, out)).isEqualTo(2);
        assertThat(index.match(chain(tokens, 11, 0), tokens, 11, out)).isEqualTo(2);
        int[] longer = Arrays.copyOf(tokens, 13);
        assertThat(index.match(chain(longer, 13, 0), longer, 13, out)).isEqualTo(3);
        assertThat(index.match(chain(tokens, 4, 0), tokens, 4, out)).isZero();
        assertThat(index.match(chain(tokens, 1, 0), tokens, 1, out)).isZero();
    }

    @Test
    void saltsNeverMeet() {
        int[] tokens = tokens(13, 7);
        enter(tokens, 12, 5);
        int[] out = new int[8];
        assertThat(index.match(chain(tokens, 13, 0), tokens, 13, out)).isZero();
        assertThat(index.match(chain(tokens, 13, 6), tokens, 13, out)).isZero();
        assertThat(index.match(chain(tokens, 13, 5), tokens, 13, out)).isEqualTo(3);
    }

    @Test
    void anEqualHashWithOtherTokensIsNoHit() {
        int[] tokens = tokens(5, 7);
        HashChain chain = chain(tokens, 5, 0);
        int[] forged = tokens.clone();
        forged[2]++;
        int[] out = new int[1];
        pool.tryAllocate(1, out, 0);
        index.insert(out[0], chain, 0, forged);
        assertThat(index.find(chain, 0, tokens)).isEqualTo(-1);
        assertThat(index.find(chain, 0, forged)).isEqualTo(out[0]);
    }

    @Test
    void duplicatesAreToleratedAndRemovedOneByOne() {
        int[] tokens = tokens(4, 7);
        HashChain chain = chain(tokens, 4, 0);
        int[] out = new int[3];
        pool.tryAllocate(3, out, 0);
        for (int block : out) {
            index.insert(block, chain, 0, tokens);
            index.insert(block, chain, 0, tokens);
        }
        assertThat(index.size()).isEqualTo(3);
        for (int block : new int[] {out[1], out[2], out[0]}) {
            assertThat(index.find(chain, 0, tokens)).isNotEqualTo(-1);
            index.remove(block);
            index.remove(block);
        }
        assertThat(index.find(chain, 0, tokens)).isEqualTo(-1);
        assertThat(index.size()).isZero();
    }

    @Test
    void chainsAgreeExactlyAsFarAsTheirTokens() {
        int[] one = tokens(16, 7);
        int[] other = one.clone();
        other[9]++;
        HashChain first = chain(one, 16, 0);
        HashChain second = chain(other, 16, 0);
        assertThat(first.agreesAt(second, 1)).isTrue();
        assertThat(first.agreesAt(second, 2)).isFalse();
        assertThat(first.agreesAt(second, 3)).isFalse();
        assertThat(first.agreesAt(first.fork(), 3)).isTrue();
        assertThat(first.agreesAt(first.fork(), 4)).isFalse();
    }

    @Test
    void randomPrefixesMatchAsAMapOfPrefixesDoes() {
        long seed = Long.getLong("pillion.test.seed", 3);
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Integer> known = new HashMap<>();
        int[] out = new int[8];
        for (int step = 0; step < 20_000; step++) {
            int[] tokens = random.ints(16, 0, 2).toArray();
            HashChain chain = chain(tokens, 16, 0);
            int expected = 0;
            while (expected < 3 && known.containsKey(key(tokens, expected))) {
                expected++;
            }
            int matched = index.match(chain, tokens, 16, out);
            assertThat(matched).as("seed %d step %d", seed, step).isEqualTo(expected);
            for (int i = 0; i < matched; i++) {
                assertThat(out[i]).isEqualTo(known.get(key(tokens, i)));
            }
            int block = random.nextInt(32);
            if (pool.isCached(block)) {
                index.remove(block);
                known.values().removeIf(held -> held == block);
            } else if (matched < 3) {
                index.insert(block, chain, matched, tokens);
                known.put(key(tokens, matched), block);
            }
        }
    }

    private static String key(int[] tokens, int block) {
        return Arrays.toString(Arrays.copyOf(tokens, (block + 1) * BLOCK));
    }

    private static int[] tokens(int length, int seed) {
        return new SplittableRandom(seed).ints(length, 0, 1000).toArray();
    }

    private HashChain chain(int[] tokens, int length, long salt) {
        HashChain chain = new HashChain(hasher, BLOCK, salt, 0);
        chain.extend(tokens, length);
        return chain;
    }

    private void enter(int[] tokens, int length, long salt) {
        HashChain chain = chain(tokens, length, salt);
        int[] out = new int[chain.blocks()];
        pool.tryAllocate(out.length, out, 0);
        for (int i = 0; i < out.length; i++) {
            index.insert(out[i], chain, i, tokens);
        }
    }
}
