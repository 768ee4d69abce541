package dev.pillion.engine;

import dev.pillion.spi.KvPool;
import dev.pillion.spi.StepBatch;
import java.util.HashSet;
import java.util.Set;

/** The rules of {@link StepBatch} that a backend relies on, checked before each step. */
final class BatchRules {
    private BatchRules() {}

    static void check(StepBatch batch, KvPool pool) {
        require(batch.tokenCount() > 0, "a step without tokens");
        require(batch.segmentStart[0] == 0 && batch.segmentStart[batch.segmentCount()] == batch.tokenCount(),
                "segments do not cover the tokens");
        Set<Integer> written = new HashSet<>();
        for (int s = 0; s < batch.segmentCount(); s++) {
            checkSegment(batch, s, pool, written);
        }
        for (int i = 0; i < batch.logitCount(); i++) {
            int row = batch.logitRows[i];
            require(row < batch.tokenCount() && (i == 0 || row > batch.logitRows[i - 1]), "logit rows do not ascend");
        }
        checkGroups(batch);
    }

    private static void checkSegment(StepBatch batch, int s, KvPool pool, Set<Integer> written) {
        int first = batch.segmentStart[s];
        int length = batch.segmentStart[s + 1] - first;
        int start = batch.positions[first];
        int entries = batch.blockStart[s + 1] - batch.blockStart[s];
        require(length > 0, "segment " + s + " is empty");
        require((long) entries * batch.blockTokens() >= start + length, "segment " + s + " has too few blocks");
        for (int i = 0; i < length; i++) {
            int token = batch.tokens[first + i];
            require(batch.positions[first + i] == start + i, "segment " + s + " has a gap");
            require(token >= 0 && token < FakeFunction.VOCABULARY, "segment " + s + " has token " + token);
        }
        for (int i = 0; i < entries; i++) {
            int block = batch.blocks[batch.blockStart[s] + i];
            require(block >= 0 && block < pool.blocks(), "segment " + s + " has block " + block);
            if (i >= start / batch.blockTokens()) {
                require(written.add(block), "block " + block + " has two writers");
            }
        }
    }

    private static void checkGroups(StepBatch batch) {
        require(batch.groupStart[0] == 0 && batch.groupStart[batch.groupCount()] == batch.segmentCount(),
                "groups do not cover the segments");
        for (int g = 0; g < batch.groupCount(); g++) {
            int leader = batch.groupStart[g];
            require(batch.groupStart[g + 1] > leader, "group " + g + " is empty");
            for (int s = leader; s < batch.groupStart[g + 1]; s++) {
                checkMember(batch, leader, s, batch.groupSharedBlocks[g]);
            }
        }
    }

    private static void checkMember(StepBatch batch, int leader, int s, int shared) {
        int start = batch.positions[batch.segmentStart[s]];
        require(shared * batch.blockTokens() <= start, "segment " + s + " shares blocks that it computes in this step");
        for (int i = 0; i < shared; i++) {
            require(batch.blocks[batch.blockStart[s] + i] == batch.blocks[batch.blockStart[leader] + i],
                    "segment " + s + " does not share block " + i + " of its group");
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
