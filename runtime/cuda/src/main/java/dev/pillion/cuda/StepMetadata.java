package dev.pillion.cuda;

import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.spi.StepBatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What kernels read about a step: tokens, positions, where keys and values go, which rows want logits, the plans of the
 * attention, block tables. All of it lies in one stretch of device memory with fixed places, so that a graph recorded once
 * stays right, and goes there in one copy from page-locked memory. Block tables come last: only what is used is copied.
 *
 * <p>There is page-locked memory for two steps, since the copy of one may not have run when the next is put together.
 * Device memory is there once: on one stream the copy for a step comes after all that the step before computes.
 */
final class StepMetadata {
    private static final int NO_SLOT = -1;
    /** Parts begin at 256 bytes, as kernels that load 16 bytes at a time want. */
    private static final int PART_INTS = 64;

    private final GpuContext context;
    private final MemorySegment[] stagings;
    private MemorySegment staging;
    private final long device;
    private final int blockTokens;

    private final long tokens = 0;
    private final long positions;
    private final long slots;
    private final long logitRows;
    private final long attention;
    private final long blocks;

    /**
     * Allocates the stretch.
     *
     * @param batch its capacities are those of the largest step
     * @param attentionInts ints of the attention's plans
     */
    StepMetadata(GpuContext context, DeviceMemory memory, StepBatch batch, long attentionInts) {
        this.context = context;
        this.blockTokens = batch.blockTokens();
        int tokenCapacity = batch.tokens.length;
        positions = tokens + padded(tokenCapacity);
        slots = positions + padded(tokenCapacity);
        logitRows = slots + padded(tokenCapacity);
        attention = logitRows + padded(tokenCapacity);
        blocks = attention + padded(attentionInts);
        long bytes = Integer.BYTES * (blocks + batch.blocks.length);
        device = memory.allocate(bytes);
        stagings = new MemorySegment[] {memory.allocateHost(bytes), memory.allocateHost(bytes)};
        for (MemorySegment each : stagings) {
            each.fill((byte) 0);
        }
        staging = stagings[0];
    }

    /** The step that was put together runs; the next one is put together elsewhere. */
    void submitted() {
        staging = staging == stagings[0] ? stagings[1] : stagings[0];
    }

    /** Ints that a part takes. */
    static long padded(long ints) {
        return (ints + PART_INTS - 1) / PART_INTS * PART_INTS;
    }

    /** Writes ints of the attention's plans, from a place among them; {@link #upload} copies them. */
    void putAttention(long place, int[] source, int count) {
        MemorySegment.copy(source, 0, staging, ValueLayout.JAVA_INT, Integer.BYTES * (attention + place), count);
    }

    /**
     * Writes a step's numbers and starts the copy. Places between the step's own counts and the padded ones are filled so
     * that kernels compute there without doing harm: token 0, no slot, row 0.
     *
     * @param paddedTokens tokens kernels will run over
     * @param paddedLogits rows of logits kernels will run over
     */
    void upload(StepBatch batch, int paddedTokens, int paddedLogits, long stream) {
        put(batch.tokens, batch.tokenCount(), tokens, paddedTokens);
        put(batch.positions, batch.tokenCount(), positions, paddedTokens);
        putSlots(batch, paddedTokens);
        put(batch.logitRows, batch.logitCount(), logitRows, paddedLogits);
        put(batch.blocks, batch.blockCount(), blocks, batch.blockCount());
        context.copyToDevice(device, staging, Integer.BYTES * (blocks + batch.blockCount()), stream);
    }

    /**
     * Puts the tokens that the step before samples into their places, in one copy for each run of neighbours: while the same
     * sequences decode that is one copy.
     *
     * @param sampled device address of that step's tokens, one for each row of logits
     */
    void takeTokens(StepBatch batch, long sampled, long stream) {
        for (int first = 0; first < batch.takenCount(); ) {
            int token = batch.takenTokens[first];
            int row = batch.takenRows[first];
            int length = 1;
            while (first + length < batch.takenCount()
                    && batch.takenTokens[first + length] == token + length
                    && batch.takenRows[first + length] == row + length) {
                length++;
            }
            context.copyOnDevice(
                    address(tokens + token),
                    sampled + (long) Integer.BYTES * row,
                    (long) Integer.BYTES * length,
                    stream);
            first += length;
        }
    }

    private void put(int[] source, int count, long part, int padded) {
        MemorySegment.copy(source, 0, staging, ValueLayout.JAVA_INT, Integer.BYTES * part, count);
        for (int i = count; i < padded; i++) {
            staging.setAtIndex(ValueLayout.JAVA_INT, part + i, 0);
        }
    }

    private void putSlots(StepBatch batch, int padded) {
        for (int s = 0; s < batch.segmentCount(); s++) {
            int table = batch.blockStart[s];
            for (int t = batch.segmentStart[s]; t < batch.segmentStart[s + 1]; t++) {
                int position = batch.positions[t];
                int slot = batch.blocks[table + position / blockTokens] * blockTokens + position % blockTokens;
                staging.setAtIndex(ValueLayout.JAVA_INT, slots + t, slot);
            }
        }
        for (int t = batch.tokenCount(); t < padded; t++) {
            staging.setAtIndex(ValueLayout.JAVA_INT, slots + t, NO_SLOT);
        }
    }

    /** Device address of the token ids. */
    long tokens() {
        return address(tokens);
    }

    /** Device address of the tokens' positions. */
    long positions() {
        return address(positions);
    }

    /** Device address of the places of keys and values: block times tokens of a block, plus place in the block. */
    long slots() {
        return address(slots);
    }

    /** Device address of the rows that want logits. */
    long logitRows() {
        return address(logitRows);
    }

    /** Device address of a place among the attention's plans. */
    long attention(long place) {
        return address(attention + place);
    }

    /** Device address of the block tables. */
    long blocks() {
        return address(blocks);
    }

    private long address(long part) {
        return device + Integer.BYTES * part;
    }
}
