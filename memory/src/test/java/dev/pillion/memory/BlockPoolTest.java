package dev.pillion.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BlockPoolTest {
    @Test
    void allocationIsAllOrNothing() {
        BlockPool pool = new BlockPool(4);
        int[] out = {-1, -1, -1, -1, -1};
        assertThat(pool.tryAllocate(5, out, 0)).isFalse();
        assertThat(out).containsOnly(-1);
        assertThat(pool.freeBlocks()).isEqualTo(4);
        assertThat(pool.tryAllocate(3, out, 1)).isTrue();
        assertThat(out).containsExactly(-1, 0, 1, 2, -1);
        assertThat(pool.hasFree(1, 0)).isTrue();
        assertThat(pool.hasFree(1, 1)).isFalse();
        pool.checkIntegrity();
    }

    @Test
    void cachedBlocksAreEvictedLastAndOldestFirst() {
        List<Integer> evicted = new ArrayList<>();
        BlockPool pool = new BlockPool(4, evicted::add);
        int[] out = new int[4];
        pool.tryAllocate(4, out, 0);
        pool.markCached(0);
        pool.markCached(1);
        pool.markCached(2);
        for (int block = 3; block >= 0; block--) {
            pool.release(block);
        }
        pool.tryAllocate(3, out, 0);
        assertThat(out).startsWith(3, 2, 1);
        assertThat(evicted).containsExactly(2, 1);
        assertThat(pool.isCached(0)).isTrue();
        assertThat(pool.isCached(1)).isFalse();
    }

    @Test
    void aFreeCachedBlockCanBeTakenBackOutOfTheMiddle() {
        BlockPool pool = new BlockPool(3);
        int[] out = new int[3];
        pool.tryAllocate(3, out, 0);
        pool.markCached(1);
        pool.release(0);
        pool.release(1);
        pool.release(2);
        pool.retain(1);
        pool.checkIntegrity();
        assertThat(pool.tryAllocate(2, out, 0)).isTrue();
        assertThat(out).startsWith(2, 0);
        assertThat(pool.references(1)).isEqualTo(1);
    }

    @Test
    void releasingWhatNobodyHoldsIsAnError() {
        BlockPool pool = new BlockPool(2);
        assertThatThrownBy(() -> pool.release(1)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("block 1");
        pool.checkIntegrity();
    }

    @Test
    void randomUseAgreesWithAListOfFreeBlocks() {
        long seed = Long.getLong("pillion.test.seed", 99);
        SplittableRandom random = new SplittableRandom(seed);
        BlockPool pool = new BlockPool(16);
        Deque<Integer> free = new ArrayDeque<>();
        for (int i = 0; i < 16; i++) {
            free.add(i);
        }
        List<Integer> held = new ArrayList<>();
        boolean[] cached = new boolean[16];
        int[] out = new int[16];
        for (int step = 0; step < 50_000; step++) {
            int block = random.nextInt(16);
            switch (random.nextInt(5)) {
                case 0 -> {
                    int count = random.nextInt(5);
                    boolean fits = count <= free.size();
                    assertThat(pool.tryAllocate(count, out, 0)).isEqualTo(fits);
                    for (int i = 0; fits && i < count; i++) {
                        assertThat(out[i]).as("seed %d step %d", seed, step).isEqualTo(free.peekFirst());
                        held.add(free.pollFirst());
                        cached[out[i]] = false;
                    }
                }
                case 1, 2 -> {
                    if (!held.isEmpty()) {
                        int released = held.remove(random.nextInt(held.size()));
                        pool.release(released);
                        if (!held.contains(released)) {
                            if (cached[released]) {
                                free.addLast(released);
                            } else {
                                free.addFirst(released);
                            }
                        }
                    }
                }
                case 3 -> {
                    pool.retain(block);
                    held.add(block);
                    free.remove(block);
                }
                default -> {
                    if (held.contains(block)) {
                        pool.markCached(block);
                        cached[block] = true;
                    }
                }
            }
            assertThat(pool.freeBlocks()).as("seed %d step %d", seed, step).isEqualTo(free.size());
        }
        pool.checkIntegrity();
    }
}
