package dev.pillion.cuda;

import dev.pillion.spi.KvLayout;
import dev.pillion.spi.KvPool;
import java.lang.foreign.MemorySegment;

/**
 * A pool of KV blocks on the device, or in page-locked host memory for the tier blocks are moved to.
 *
 * @param layout shape of a block
 * @param blocks number of blocks
 * @param tier where they lie
 * @param address on the device; 0 for the host tier
 * @param host the host tier's memory; empty on the device
 */
record CudaKvPool(KvLayout layout, int blocks, Tier tier, long address, MemorySegment host) implements KvPool {
    /** Device address of a block. */
    long block(int index) {
        check(index);
        return address + index * layout.bytesPerBlock();
    }

    /** Host memory of a block. */
    MemorySegment hostBlock(int index) {
        check(index);
        return host.asSlice(index * layout.bytesPerBlock(), layout.bytesPerBlock());
    }

    private void check(int index) {
        if (index < 0 || index >= blocks) {
            throw new IllegalArgumentException("block " + index + " of a pool of " + blocks);
        }
    }

    /** Elements between the starts of two blocks. */
    long blockStride() {
        return layout.elementsPerToken() * layout.blockTokens();
    }

    /** Elements from the start of a block to a layer's keys. */
    long layerOffset(int layer) {
        return 2L * layer * layout.kvHeads() * layout.blockTokens() * layout.headDim();
    }
}
