package dev.pillion.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BlockTableTest {
    private final BlockPool pool = new BlockPool(6);
    private final CopyList copies = new CopyList(1);

    @Test
    void growsByWholeBlocksOrNotAtAll() {
        BlockTable table = new BlockTable(pool, 4, 0);
        assertThat(table.tryGrow(9)).isTrue();
        assertThat(table.count()).isEqualTo(3);
        assertThat(table.capacityTokens()).isEqualTo(12);
        assertThat(table.tryGrow(12)).isTrue();
        assertThat(table.count()).isEqualTo(3);
        assertThat(table.tryGrow(25)).isFalse();
        assertThat(table.count()).isEqualTo(3);
        assertThat(pool.freeBlocks()).isEqualTo(3);
        int[] out = new int[4];
        table.copyTo(out, 1);
        assertThat(out).containsExactly(0, table.block(0), table.block(1), table.block(2));
        assertThatThrownBy(() -> table.block(3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> new BlockTable(pool, 12, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aForkCopiesTheSharedLastBlockOnTheFirstWriteOnly() {
        BlockTable parent = new BlockTable(pool, 4, 16);
        parent.tryGrow(6);
        BlockTable child = parent.fork();
        int shared = parent.block(1);
        assertThat(pool.references(shared)).isEqualTo(2);

        assertThat(child.ensureWritable(6, copies)).isTrue();
        assertThat(copies.size()).isEqualTo(1);
        assertThat(copies.sourceIndex(0)).isEqualTo(shared);
        assertThat(copies.targetIndex(0)).isEqualTo(child.block(1));
        assertThat(copies.targetPool(0)).isEqualTo(BlockAddress.DEVICE_POOL);
        assertThat(child.block(1)).isNotEqualTo(shared);
        assertThat(child.block(0)).isEqualTo(parent.block(0));

        assertThat(parent.ensureWritable(6, copies)).isTrue();
        assertThat(child.ensureWritable(7, copies)).isTrue();
        assertThat(copies.size()).isEqualTo(1);
    }

    @Test
    void copyOnWriteWithoutAFreeBlockChangesNothing() {
        BlockTable parent = new BlockTable(pool, 4, 16);
        parent.tryGrow(24);
        BlockTable child = parent.fork();
        assertThat(child.ensureWritable(23, copies)).isFalse();
        assertThat(child.block(5)).isEqualTo(parent.block(5));
        assertThat(copies.size()).isZero();
        pool.checkIntegrity();
    }

    @Test
    void releaseAndTruncateMayBeRepeated() {
        BlockTable table = new BlockTable(pool, 4, 16);
        table.tryGrow(24);
        table.truncate(5);
        table.truncate(8);
        assertThat(table.count()).isEqualTo(2);
        assertThat(pool.freeBlocks()).isEqualTo(4);
        table.release();
        table.release();
        assertThat(pool.freeBlocks()).isEqualTo(6);
        pool.checkIntegrity();
    }
}
