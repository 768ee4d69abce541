package dev.pillion.scheduler;

/**
 * What of a batch matters to its cost: how many tokens, how many rows of logits, how much context the tokens attend to
 * and how much of the KV cache is read for them. Filled from a plan or, for what-if questions, by hand; reusable. A
 * segment of one token is a decode, since that is how it is computed.
 */
public final class BatchShape {
    private final int windowTokens;
    private long tokens;
    private long logitsRows;
    private long attendedTokens;
    private long attendedInWindow;
    private long kvReadTokens;
    private long kvReadInWindow;
    private long decodes;
    private long decodeAttendedTokens;
    private long decodeAttendedInWindow;
    private long chunks;

    /** An empty shape for models of this shape, which says how long attention windows are. */
    public BatchShape(ModelShape model) {
        this(model.windowTokens());
    }

    /**
     * An empty shape.
     *
     * @param windowTokens length of attention windows, 0 where there are none
     */
    BatchShape(int windowTokens) {
        this.windowTokens = windowTokens;
    }

    /** Back to no tokens. */
    public void clear() {
        tokens = 0;
        logitsRows = 0;
        attendedTokens = 0;
        attendedInWindow = 0;
        kvReadTokens = 0;
        kvReadInWindow = 0;
        decodes = 0;
        decodeAttendedTokens = 0;
        decodeAttendedInWindow = 0;
        chunks = 0;
    }

    /** Adds one segment: {@code length} tokens of a sequence from position {@code start} on. */
    public BatchShape add(int start, int length, boolean wantsLogits) {
        long end = (long) start + length;
        tokens += length;
        logitsRows += wantsLogits ? 1 : 0;
        attendedTokens += BatchPlan.contextSum(start, length);
        kvReadTokens += end;
        if (windowTokens > 0) {
            long growing = Math.clamp(windowTokens - (long) start, 0, length);
            attendedInWindow += BatchPlan.contextSum(start, (int) growing) + (length - growing) * windowTokens;
            kvReadInWindow += Math.min(end, windowTokens + length - 1L);
        }
        if (length == 1) {
            decodes++;
            decodeAttendedTokens += end;
            decodeAttendedInWindow += Math.min(end, windowTokens);
        } else {
            chunks++;
        }
        return this;
    }

    /**
     * Adds decodes of which only the sum of their contexts is known. Windows are taken to be as full as if all contexts
     * were alike.
     *
     * @param count decodes, each of which wants logits
     * @param attended sum of the tokens they attend to, themselves included
     */
    public BatchShape addDecodes(int count, long attended) {
        long inWindow = Math.min(attended, (long) count * windowTokens);
        tokens += count;
        logitsRows += count;
        attendedTokens += attended;
        kvReadTokens += attended;
        attendedInWindow += inWindow;
        kvReadInWindow += inWindow;
        decodes += count;
        decodeAttendedTokens += attended;
        decodeAttendedInWindow += inWindow;
        return this;
    }

    /** Adds all segments of a plan. */
    public BatchShape addAll(BatchPlan plan) {
        for (int i = 0; i < plan.size(); i++) {
            add(plan.start(i), plan.length(i), plan.wantsLogits(i));
        }
        return this;
    }

    /** Adds a plan, its decodes by their sums: in time that does not grow with them. */
    public BatchShape addTotals(BatchPlan plan) {
        // Decodes come before prefills.
        for (int i = plan.size() - 1; i >= 0 && !plan.isDecode(i); i--) {
            add(plan.start(i), plan.length(i), plan.wantsLogits(i));
        }
        return addDecodes(plan.decodeTokens(), plan.decodeContext());
    }

    /**
     * Says that {@code sharers} segments read a common run of {@code runTokens} tokens once instead of each for itself.
     * The work of attending stays; layers with a window read each for itself.
     */
    public BatchShape shareRun(long runTokens, int sharers) {
        kvReadTokens -= runTokens * Math.max(0, sharers - 1);
        return this;
    }

    /** Tokens computed. */
    public long tokens() {
        return tokens;
    }

    /** Rows of logits. */
    public long logitsRows() {
        return logitsRows;
    }

    /** Sum over all tokens of the tokens each attends to, itself included, in a layer without window. */
    public long attendedTokens() {
        return attendedTokens;
    }

    /** The same in a layer with a window. */
    public long attendedInWindow() {
        return attendedInWindow;
    }

    /** Tokens whose keys and values are read, once for each segment, in a layer without window. */
    public long kvReadTokens() {
        return kvReadTokens;
    }

    /** The same in a layer with a window. */
    public long kvReadInWindow() {
        return kvReadInWindow;
    }

    /** Segments of one token. */
    public long decodes() {
        return decodes;
    }

    /** Tokens that decodes attend to, themselves included, in a layer without window. */
    public long decodeAttendedTokens() {
        return decodeAttendedTokens;
    }

    /** The same in a layer with a window. */
    public long decodeAttendedInWindow() {
        return decodeAttendedInWindow;
    }

    /** Segments of more than one token. */
    public long chunks() {
        return chunks;
    }
}
