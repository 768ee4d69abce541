package dev.pillion.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KvCacheTest {
    private static final int BLOCK = 4;

    @Test
    void aHitSharesBlocksAndCountsThemOnce() {
        KvCache cache = cache(8, 0);
        int[] tokens = tokens(13, 1);
        BlockTable first = compute(cache, tokens);
        BlockTable second = cache.newTable(0);
        int hit = cache.tryAdmit(second, cache.newChain(0, 0), tokens, 13, 0);
        assertThat(hit).isEqualTo(12);
        assertThat(second.count()).isEqualTo(4);
        for (int i = 0; i < 3; i++) {
            assertThat(second.block(i)).isEqualTo(first.block(i));
        }
        assertThat(second.block(3)).isNotEqualTo(first.block(3));
        assertThat(cache.pool().freeBlocks()).isEqualTo(3);
        assertThat(cache.copies().size()).isZero();
    }

    @Test
    void freeHitsCountAgainstTheWatermarkAndARefusalChangesNothing() {
        KvCache cache = cache(4, 0);
        int[] tokens = tokens(13, 1);
        compute(cache, tokens).release();
        assertThat(cache.pool().freeBlocks()).isEqualTo(4);
        BlockTable table = cache.newTable(0);
        assertThat(cache.tryAdmit(table, cache.newChain(0, 0), tokens, 13, 1)).isEqualTo(KvCache.REFUSED);
        assertThat(table.count()).isZero();
        assertThat(cache.cachedBlocks()).isEqualTo(3);
        assertThat(cache.tryAdmit(table, cache.newChain(0, 0), tokens, 13, 0)).isEqualTo(12);
        assertThat(cache.pool().freeBlocks()).isZero();
        cache.pool().checkIntegrity();
    }

    @Test
    void theTailOfAFreedSequenceIsEvictedBeforeItsHead() {
        KvCache cache = cache(4, 0);
        int[] tokens = tokens(16, 1);
        compute(cache, tokens).release();
        BlockTable other = cache.newTable(0);
        other.tryGrow(2 * BLOCK);
        assertThat(cache.match(cache.newChain(0, 0), tokens, 16)).isEqualTo(2);
    }

    @Test
    void evictedBlocksGoToTheHostAndComeBack() {
        KvCache cache = cache(4, 4);
        int[] tokens = tokens(13, 1);
        compute(cache, tokens).release();
        cache.beginStep();
        BlockTable other = cache.newTable(0);
        assertThat(cache.tryExtend(other, 0, 16)).isTrue();
        assertThat(cache.copies().size()).isEqualTo(3);
        assertThat(cache.copies().targetPool(0)).isEqualTo(BlockAddress.HOST_POOL);
        cache.commitStep();
        assertThat(cache.hostCachedBlocks()).isEqualTo(3);
        other.release();

        cache.beginStep();
        BlockTable back = cache.newTable(0);
        assertThat(cache.tryAdmit(back, cache.newChain(0, 0), tokens, 13, 0)).isEqualTo(12);
        assertThat(cache.copies().size()).isEqualTo(3);
        assertThat(cache.copies().intoDevice()).isEqualTo(3);
        for (int i = 0; i < 3; i++) {
            assertThat(cache.copies().sourcePool(i)).isEqualTo(BlockAddress.HOST_POOL);
            assertThat(cache.copies().targetIndex(i)).isEqualTo(back.block(i));
        }
    }

    @Test
    void aFailedStepTakesItsOffloadsBack() {
        KvCache cache = cache(4, 4);
        int[] tokens = tokens(13, 1);
        compute(cache, tokens).release();
        cache.beginStep();
        BlockTable other = cache.newTable(0);
        cache.tryExtend(other, 0, 16);
        cache.rollbackStep();
        assertThat(cache.hostCachedBlocks()).isZero();
        other.release();
        assertThat(cache.match(cache.newChain(0, 0), tokens, 13)).isZero();
        assertThat(cache.hostPool().orElseThrow().freeBlocks()).isEqualTo(4);
    }

    @Test
    void ofTwoStepsUnderWayEachKeepsItsCopiesAndTheNewerAloneTakesItsOffloadsBack() {
        KvCache cache = cache(4, 4);
        compute(cache, tokens(16, 1)).release();
        cache.beginStep();
        BlockTable older = cache.newTable(0);
        cache.tryExtend(older, 0, 2 * BLOCK);
        CopyList copies = cache.copies();
        cache.beginAheadStep();
        cache.tryExtend(cache.newTable(0), 0, BLOCK);
        assertThat(copies.size()).isEqualTo(2);
        assertThat(cache.copies().size()).isEqualTo(1);
        assertThat(cache.hostCachedBlocks()).isEqualTo(3);
        cache.rollbackStep();
        assertThat(cache.copies()).isSameAs(copies);
        assertThat(cache.hostCachedBlocks()).isEqualTo(2);

        cache.beginAheadStep();
        cache.tryExtend(cache.newTable(0), 0, BLOCK);
        cache.commitStep();
        cache.rollbackStep();
        assertThat(cache.hostCachedBlocks()).as("accepted with the older step").isEqualTo(2);
    }

    @Test
    void blocksAboutToComeBackAreNotDroppedByTheEvictionsTheyCause() {
        KvCache cache = cache(4, 3);
        int[] wanted = tokens(13, 1);
        compute(cache, wanted).release();
        compute(cache, tokens(16, 2)).release();
        // The device now holds four blocks of the filler, the host the three wanted; fetching them evicts the filler.
        cache.beginStep();
        BlockTable back = cache.newTable(0);
        assertThat(cache.tryAdmit(back, cache.newChain(0, 0), wanted, 13, 0)).isEqualTo(12);
        int fetched = 0;
        for (int i = 0; i < cache.copies().size(); i++) {
            boolean fetch = cache.copies().targetPool(i) == BlockAddress.DEVICE_POOL;
            fetched += fetch ? 1 : 0;
            assertThat(fetch || fetched == 0).as("fetches follow offloads, %s", cache.copies().describe(i)).isTrue();
        }
        assertThat(fetched).isEqualTo(3);
        cache.pool().checkIntegrity();
        cache.hostPool().orElseThrow().checkIntegrity();
    }

    @Test
    void withoutPrefixCachingNothingIsFound() {
        KvCache cache = new KvCache(BLOCK, 8, 4, false, new PrefixHasher(1, 2));
        int[] tokens = tokens(13, 1);
        compute(cache, tokens).release();
        assertThat(cache.match(cache.newChain(0, 0), tokens, 13)).isZero();
        assertThat(cache.cachedBlocks()).isZero();
        assertThat(cache.hostPool()).isEmpty();
    }

    @Test
    void forgettingLeavesHeldBlocksWithTheirTables() {
        KvCache cache = cache(8, 0);
        int[] tokens = tokens(13, 1);
        BlockTable table = compute(cache, tokens);
        cache.forgetContent();
        assertThat(cache.match(cache.newChain(0, 0), tokens, 13)).isZero();
        assertThat(cache.pool().freeBlocks()).isEqualTo(4);
        table.release();
        cache.pool().checkIntegrity();
    }

    @Test
    void blocksRegisteredOneByOneAreFoundAsThoseRegisteredTogether() {
        int sequences = 150;
        KvCache together = cache(sequences * 4, 0);
        KvCache oneByOne = cache(sequences * 3, 0);
        BlockTable[] tables = new BlockTable[sequences];
        HashChain[] chains = new HashChain[sequences];
        for (int i = 0; i < sequences; i++) {
            compute(together, tokens(13, i));
            tables[i] = oneByOne.newTable(0);
            tables[i].tryGrow(3 * BLOCK);
            chains[i] = oneByOne.newChain(0, 0);
        }
        for (int block = 0; block < 3; block++) {
            oneByOne.beginStep();
            for (int i = 0; i < sequences; i++) {
                oneByOne.register(tables[i], chains[i], tokens(13, i), block, block + 1);
            }
            oneByOne.commitStep();
            assertThat(oneByOne.cachedBlocks()).isEqualTo(sequences * (block + 1));
        }
        for (int i = 0; i < sequences; i++) {
            int[] tokens = tokens(13, i);
            HashChain chain = together.newChain(0, 0);
            assertThat(together.match(chain, tokens, 13)).isEqualTo(3);
            assertThat(oneByOne.match(oneByOne.newChain(0, 0), tokens, 13)).isEqualTo(3);
            assertThat(chains[i].agreesAt(chain, 2)).as("sequence %d", i).isTrue();
            tokens[5]++;
            assertThat(oneByOne.match(oneByOne.newChain(0, 0), tokens, 13)).isEqualTo(1);
        }
    }

    private static KvCache cache(int deviceBlocks, int hostBlocks) {
        return new KvCache(BLOCK, deviceBlocks, hostBlocks, true, new PrefixHasher(1, 2));
    }

    private static int[] tokens(int length, int seed) {
        return new SplittableRandom(seed).ints(length, 0, 1000).toArray();
    }

    /** A table whose blocks were computed and registered in a step that ran. */
    private static BlockTable compute(KvCache cache, int[] tokens) {
        cache.beginStep();
        BlockTable table = cache.newTable(tokens.length);
        HashChain chain = cache.newChain(0, tokens.length);
        assertThat(cache.tryAdmit(table, chain, tokens, tokens.length, 0)).isNotEqualTo(KvCache.REFUSED);
        cache.register(table, chain, tokens, 0, tokens.length / BLOCK);
        cache.commitStep();
        return table;
    }
}
