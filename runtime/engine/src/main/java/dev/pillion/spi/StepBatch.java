package dev.pillion.spi;

/**
 * The tokens of one step as flat arrays, without padding. A batch is a list of segments; a segment is a run of consecutive
 * tokens of one sequence: a decode has one token, a prefill chunk many. Filled by the engine, read by the backend;
 * allocated once for the largest step.
 *
 * <p>Segments of sequences that share leading KV blocks may be put next to each other as a <em>prefix group</em>; a
 * backend may then read those blocks once for the whole group. Every segment belongs to exactly one group; a group without
 * a common prefix has zero shared blocks.
 *
 * <p>A token may be one that the host does not know yet, since the step before, which still runs, is to sample it: then
 * the device takes it from there ({@link #takeToken}).
 */
public final class StepBatch {
    /** Token ids, {@code [tokenCount]}. */
    public final int[] tokens;
    /** Position of each token in its sequence, {@code [tokenCount]}. */
    public final int[] positions;
    /** Segment {@code s} holds the tokens from {@code segmentStart[s]} to {@code segmentStart[s + 1]}. */
    public final int[] segmentStart;
    /** Segment {@code s} reads and writes the blocks {@code blocks[blockStart[s]]} to {@code blocks[blockStart[s + 1]]}. */
    public final int[] blockStart;
    /** KV block indices, the block tables of all segments one after the other. */
    public final int[] blocks;
    /** Indices into {@link #tokens} of the rows whose logits are wanted, ascending, {@code [logitCount]}. */
    public final int[] logitRows;
    /** Group {@code g} holds the segments from {@code groupStart[g]} to {@code groupStart[g + 1]}. */
    public final int[] groupStart;
    /** Leading blocks that all segments of a group have in common. Full blocks only, all computed before this step. */
    public final int[] groupSharedBlocks;

    /** Indices into {@link #tokens} that the step before gives, ascending, {@code [takenCount]}. */
    public final int[] takenTokens;
    /** Rows of logits of the step before that they are sampled from, {@code [takenCount]}. */
    public final int[] takenRows;

    private final int blockTokens;
    private int takenCount;
    private int tokenCount;
    private int segmentCount;
    private int logitCount;
    private int groupCount;

    /**
     * Allocates an empty batch.
     *
     * @param tokenCapacity most tokens of a step
     * @param segmentCapacity most segments of a step
     * @param blockCapacity most block-table entries of a step, all segments together
     * @param blockTokens tokens of a KV block
     */
    public StepBatch(int tokenCapacity, int segmentCapacity, int blockCapacity, int blockTokens) {
        this.tokens = new int[tokenCapacity];
        this.positions = new int[tokenCapacity];
        this.segmentStart = new int[segmentCapacity + 1];
        this.blockStart = new int[segmentCapacity + 1];
        this.blocks = new int[blockCapacity];
        this.logitRows = new int[tokenCapacity];
        this.groupStart = new int[segmentCapacity + 1];
        this.groupSharedBlocks = new int[segmentCapacity];
        this.takenTokens = new int[segmentCapacity];
        this.takenRows = new int[segmentCapacity];
        this.blockTokens = blockTokens;
    }

    /** Empties the batch. */
    public void clear() {
        tokenCount = 0;
        segmentCount = 0;
        logitCount = 0;
        groupCount = 0;
        takenCount = 0;
    }

    /** Starts a prefix group; the segments added next belong to it. */
    public void beginGroup(int sharedBlocks) {
        groupSharedBlocks[groupCount] = sharedBlocks;
        groupStart[groupCount] = segmentCount;
        groupCount++;
        groupStart[groupCount] = segmentCount;
    }

    /**
     * Adds a segment to the current group. Its tokens must have been put into {@link #tokens} from {@link #tokenCount()}
     * on, and its block-table entries into {@link #blocks} from {@link #blockCount()} on.
     *
     * @param start position of the segment's first token in its sequence
     * @param length number of tokens
     * @param tableEntries block-table entries, enough for {@code start + length} positions
     */
    public void addSegment(int start, int length, int tableEntries) {
        for (int i = 0; i < length; i++) {
            positions[tokenCount + i] = start + i;
        }
        tokenCount += length;
        segmentCount++;
        segmentStart[segmentCount] = tokenCount;
        blockStart[segmentCount] = blockStart[segmentCount - 1] + tableEntries;
        groupStart[groupCount] = segmentCount;
    }

    /**
     * Adds a segment to the current group from arrays.
     *
     * @param sequenceTokens tokens of the whole sequence, of which {@code length} from {@code start} are taken
     * @param start position of the segment's first token in its sequence
     * @param length number of tokens
     * @param table the sequence's block table
     * @param tableEntries entries of the table, enough for {@code start + length} positions
     */
    public void addSegment(int[] sequenceTokens, int start, int length, int[] table, int tableEntries) {
        System.arraycopy(sequenceTokens, start, tokens, tokenCount, length);
        System.arraycopy(table, 0, blocks, blockCount(), tableEntries);
        addSegment(start, length, tableEntries);
    }

    /** Block-table entries added so far. */
    public int blockCount() {
        return blockStart[segmentCount];
    }

    /** Asks for the logits of a token, given by its index in {@link #tokens}; call in ascending order. */
    public void wantLogits(int tokenIndex) {
        logitRows[logitCount++] = tokenIndex;
    }

    /**
     * Says that a token is the one sampled from a row of logits of the step before; call in ascending order.
     *
     * @param tokenIndex index in {@link #tokens}, whose entry is 0
     * @param row row of logits of the step before
     */
    public void takeToken(int tokenIndex, int row) {
        tokens[tokenIndex] = 0;
        takenTokens[takenCount] = tokenIndex;
        takenRows[takenCount++] = row;
    }

    /** Number of tokens that the step before gives. */
    public int takenCount() {
        return takenCount;
    }

    /** Number of tokens. */
    public int tokenCount() {
        return tokenCount;
    }

    /** Number of segments. */
    public int segmentCount() {
        return segmentCount;
    }

    /** Number of rows whose logits are wanted. */
    public int logitCount() {
        return logitCount;
    }

    /** Number of prefix groups. */
    public int groupCount() {
        return groupCount;
    }

    /** Tokens of a KV block. */
    public int blockTokens() {
        return blockTokens;
    }

    /** Positions seen, summed over the step's queries; what {@link OperationCounters#flops} counts attention by. */
    public long visibleTokens(AttentionSpec spec) {
        long sum = 0;
        for (int s = 0; s < segmentCount; s++) {
            long first = positions[segmentStart[s]];
            long end = positions[segmentStart[s + 1] - 1] + 1L;
            // Position p sees p + 1 positions until that is the window.
            long unbounded = Math.clamp(spec.windowTokens(), first, end);
            sum += (first + 1 + unbounded) * (unbounded - first) / 2 + (end - unbounded) * spec.windowTokens();
        }
        return sum;
    }

    /**
     * Tokens whose keys and values attention has to read, by the definition of {@link OperationCounters#kvReadBytes}: for
     * each segment those that any of its tokens sees, shared blocks once for a group. Layers with a window see little of
     * what is shared, and each segment counts for itself.
     */
    public long tokensRead(AttentionSpec spec) {
        boolean windowed = spec.windowTokens() != AttentionSpec.NO_WINDOW;
        long sum = 0;
        for (int g = 0; g < groupCount; g++) {
            int sharers = groupStart[g + 1] - groupStart[g];
            for (int s = groupStart[g]; s < groupStart[g + 1]; s++) {
                int first = positions[segmentStart[s]];
                int end = positions[segmentStart[s + 1] - 1] + 1;
                sum += end - Math.max(0, first - spec.windowTokens() + 1);
            }
            sum -= windowed ? 0 : (long) groupSharedBlocks[g] * blockTokens * Math.max(0, sharers - 1);
        }
        return sum;
    }
}
