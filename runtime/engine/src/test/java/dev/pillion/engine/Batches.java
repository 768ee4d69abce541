package dev.pillion.engine;

import dev.pillion.spi.StepBatch;

/** Copies of batches, for a device that looks at one after the host has changed it. */
final class Batches {
    private Batches() {}

    static StepBatch copy(StepBatch from) {
        StepBatch to = new StepBatch(
                from.tokens.length, from.groupSharedBlocks.length, from.blocks.length, from.blockTokens());
        System.arraycopy(from.tokens, 0, to.tokens, 0, from.tokenCount());
        System.arraycopy(from.blocks, 0, to.blocks, 0, from.blockCount());
        for (int g = 0; g < from.groupCount(); g++) {
            to.beginGroup(from.groupSharedBlocks[g]);
            for (int s = from.groupStart[g]; s < from.groupStart[g + 1]; s++) {
                int first = from.segmentStart[s];
                to.addSegment(
                        from.positions[first],
                        from.segmentStart[s + 1] - first,
                        from.blockStart[s + 1] - from.blockStart[s]);
            }
        }
        for (int i = 0; i < from.logitCount(); i++) {
            to.wantLogits(from.logitRows[i]);
        }
        for (int i = 0; i < from.takenCount(); i++) {
            to.takeToken(from.takenTokens[i], from.takenRows[i]);
        }
        return to;
    }
}
