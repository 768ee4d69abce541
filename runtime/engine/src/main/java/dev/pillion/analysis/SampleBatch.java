package dev.pillion.analysis;

import dev.pillion.scheduler.BatchShape;
import dev.pillion.scheduler.ModelShape;
import dev.pillion.spi.StepBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A batch made by hand: groups of segments, to ask the cost model about or to run on a backend.
 *
 * @param groups prefix groups; the order is that of the batch
 */
public record SampleBatch(List<Group> groups) {
    /**
     * A run of tokens of one sequence.
     *
     * @param start position of the first, which is the number of tokens computed before
     * @param length number of tokens
     * @param wantsLogits whether the last one's logits are wanted
     */
    public record Segment(int start, int length, boolean wantsLogits) {
        /** Checks the range. */
        public Segment {
            if (start < 0 || length < 1) {
                throw new IllegalArgumentException("a segment of " + length + " tokens from " + start);
            }
        }
    }

    /**
     * Segments of sequences that begin with the same KV blocks.
     *
     * @param sharedBlocks how many; all computed before
     * @param segments the segments
     */
    public record Group(int sharedBlocks, List<Segment> segments) {
        /** Copies the list. */
        public Group {
            segments = List.copyOf(segments);
        }
    }

    /** Copies the list. */
    public SampleBatch {
        groups = List.copyOf(groups);
    }

    /** Segments that share nothing. */
    public static SampleBatch of(List<Segment> segments) {
        return new SampleBatch(segments.stream().map(segment -> new Group(0, List.of(segment))).toList());
    }

    /** Sequences that decode, each attending to {@code contextTokens} tokens, its own included. */
    public static SampleBatch decodes(int sequences, int contextTokens) {
        return of(decodeSegments(sequences, contextTokens));
    }

    /** One chunk of a prompt: {@code length} tokens that end at {@code contextTokens}. */
    public static SampleBatch chunk(int length, int contextTokens) {
        return of(List.of(new Segment(contextTokens - length, length, false)));
    }

    /** A chunk as {@link #chunk} and decodes as {@link #decodes} in one step. */
    public static SampleBatch hybrid(int length, int sequences, int contextTokens) {
        List<Segment> segments = new ArrayList<>(decodeSegments(sequences, contextTokens));
        segments.add(new Segment(contextTokens - length, length, false));
        return of(segments);
    }

    private static List<Segment> decodeSegments(int sequences, int contextTokens) {
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i < sequences; i++) {
            segments.add(new Segment(contextTokens - 1, 1, true));
        }
        return segments;
    }

    /** The batch as the cost model sees it. */
    public BatchShape shape(ModelShape model, int blockTokens) {
        BatchShape shape = new BatchShape(model);
        for (Group group : groups) {
            group.segments().forEach(segment -> shape.add(segment.start(), segment.length(), segment.wantsLogits()));
            shape.shareRun((long) group.sharedBlocks() * blockTokens, group.segments().size());
        }
        return shape;
    }

    /** Tokens of all segments. */
    public int tokens() {
        return groups.stream().flatMap(group -> group.segments().stream()).mapToInt(Segment::length).sum();
    }

    /**
     * Fills a batch with random tokens. Sequences take their blocks one after the other from block 0 on, those of a
     * group the same ones for what they share.
     */
    public void fill(StepBatch batch, int vocabularySize, SplittableRandom random) {
        batch.clear();
        int nextBlock = 0;
        for (Group group : groups) {
            int firstShared = nextBlock;
            nextBlock += group.sharedBlocks();
            batch.beginGroup(group.sharedBlocks());
            for (Segment segment : group.segments()) {
                int entries = Math.ceilDiv(segment.start() + segment.length(), batch.blockTokens());
                for (int i = 0; i < entries; i++) {
                    batch.blocks[batch.blockCount() + i] = i < group.sharedBlocks() ? firstShared + i : nextBlock++;
                }
                for (int i = 0; i < segment.length(); i++) {
                    batch.tokens[batch.tokenCount() + i] = random.nextInt(vocabularySize);
                }
                batch.addSegment(segment.start(), segment.length(), entries);
                if (segment.wantsLogits()) {
                    batch.wantLogits(batch.tokenCount() - 1);
                }
            }
        }
    }

    /** Blocks the batch's sequences occupy together. */
    public int blocks(int blockTokens) {
        int blocks = 0;
        for (Group group : groups) {
            blocks += group.sharedBlocks();
            for (Segment segment : group.segments()) {
                blocks += Math.ceilDiv(segment.start() + segment.length(), blockTokens) - group.sharedBlocks();
            }
        }
        return blocks;
    }
}
