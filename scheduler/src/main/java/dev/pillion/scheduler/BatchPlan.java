package dev.pillion.scheduler;

import dev.pillion.memory.CopyList;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One step's work: a flat list of segments (sequence, start, length), decodes before prefills, nothing padded; the
 * block copies to make first, in order; and who lost its blocks. The scheduler owns its plans and fills them anew: read
 * one before the next {@link Scheduler#plan}, one planned ahead before the second {@link Scheduler#planAhead} after it.
 *
 * <p>Segment {@code i} computes the keys and values of positions {@code start(i)} to {@code start(i) + length(i)} of
 * its sequence; all earlier positions are in the sequence's blocks already. It wants logits, of its last token, when it
 * reaches the end of the known tokens. Rows of logits are numbered in segment order.
 *
 * <p>In a plan made ahead a decode's token may be one that the step before is still to sample: {@link #sampledBy}.
 */
public final class BatchPlan {
    private CopyList copies;
    private @Nullable Sequence[] sequences;
    private int[] starts;
    private int[] lengths;
    private boolean[] logits;
    private boolean[] decodes;
    private int[] sampledBy;
    private int size;
    /** Segments of the plan before; those it had more than this one still name their sequences. */
    private int filledBefore;

    private @Nullable Sequence[] preempted;
    private int preemptedCount;
    private long step;
    private long plannedNanos;
    private int budgetTokens;
    private int tokens;
    private int decodeTokens;
    private int logitsRows;
    private int admitted;
    private long prefillWork;
    private long decodeContext;

    BatchPlan(int capacity, CopyList copies) {
        int room = Math.clamp(capacity, 1, 1 << 16);
        this.copies = copies;
        sequences = new Sequence[room];
        starts = new int[room];
        lengths = new int[room];
        logits = new boolean[room];
        decodes = new boolean[room];
        sampledBy = new int[room];
        preempted = new Sequence[16];
    }

    void begin(long newStep, long nowNanos, CopyList ownCopies) {
        copies = ownCopies;
        filledBefore = size;
        Arrays.fill(preempted, 0, preemptedCount, null);
        size = 0;
        preemptedCount = 0;
        step = newStep;
        plannedNanos = nowNanos;
        budgetTokens = 0;
        tokens = 0;
        decodeTokens = 0;
        logitsRows = 0;
        admitted = 0;
        prefillWork = 0;
        decodeContext = 0;
    }

    void end(int budget) {
        budgetTokens = budget;
        Arrays.fill(sequences, size, Math.max(size, filledBefore), null);
    }

    void countAdmitted() {
        admitted++;
    }

    void add(Sequence sequence, int start, int length, boolean decode) {
        if (size == starts.length) {
            grow();
        }
        sequences[size] = sequence;
        starts[size] = start;
        lengths[size] = length;
        logits[size] = start + length == sequence.length;
        decodes[size] = decode;
        sampledBy[size] = sequence.assumed ? sequence.planIndex : -1;
        sequence.planIndex = size++;
        count(sequence.planIndex, 1);
    }

    /** Takes a segment out again and closes the gap. */
    void remove(int i) {
        count(i, -1);
        int behind = --size - i;
        System.arraycopy(sequences, i + 1, sequences, i, behind);
        System.arraycopy(starts, i + 1, starts, i, behind);
        System.arraycopy(lengths, i + 1, lengths, i, behind);
        System.arraycopy(logits, i + 1, logits, i, behind);
        System.arraycopy(decodes, i + 1, decodes, i, behind);
        System.arraycopy(sampledBy, i + 1, sampledBy, i, behind);
        filledBefore = Math.max(filledBefore, size + 1);
        for (int at = i; at < size; at++) {
            sequence(at).planIndex = at;
        }
    }

    private void count(int i, int sign) {
        int length = lengths[i];
        tokens += sign * length;
        logitsRows += logits[i] ? sign : 0;
        if (decodes[i]) {
            decodeTokens += sign * length;
            decodeContext += sign * (starts[i] + 1L);
        } else {
            prefillWork += sign * contextSum(starts[i], length);
        }
    }

    /** Sum of the context lengths of {@code length} tokens from position {@code start} on; a token sees itself too. */
    static long contextSum(int start, int length) {
        return (long) length * start + (long) length * (length + 1L) / 2;
    }

    void addPreempted(Sequence sequence) {
        if (preemptedCount == preempted.length) {
            preempted = Arrays.copyOf(preempted, 2 * preemptedCount);
        }
        preempted[preemptedCount++] = sequence;
    }

    private void grow() {
        int room = 2 * size;
        sequences = Arrays.copyOf(sequences, room);
        starts = Arrays.copyOf(starts, room);
        lengths = Arrays.copyOf(lengths, room);
        logits = Arrays.copyOf(logits, room);
        decodes = Arrays.copyOf(decodes, room);
        sampledBy = Arrays.copyOf(sampledBy, room);
    }

    /** Number of segments. */
    public int size() {
        return size;
    }

    /** Whether there is nothing to do: no segments and no copies. Such a plan is neither committed nor rolled back. */
    public boolean isEmpty() {
        return size == 0 && copies.size() == 0;
    }

    /** Sequence of segment {@code i}. */
    public Sequence sequence(int i) {
        return Objects.requireNonNull(sequences[Objects.checkIndex(i, size)]);
    }

    /** First position segment {@code i} computes. */
    public int start(int i) {
        return starts[Objects.checkIndex(i, size)];
    }

    /** Tokens segment {@code i} computes. */
    public int length(int i) {
        return lengths[Objects.checkIndex(i, size)];
    }

    /** Whether the logits of the last token of segment {@code i} are wanted. */
    public boolean wantsLogits(int i) {
        return logits[Objects.checkIndex(i, size)];
    }

    /** Whether segment {@code i} is a decode: the one token its sequence sampled last. */
    public boolean isDecode(int i) {
        return decodes[Objects.checkIndex(i, size)];
    }

    /**
     * Segment of the step before whose row of logits gives the one token of segment {@code i}; -1 where its tokens are
     * known.
     */
    public int sampledBy(int i) {
        return sampledBy[Objects.checkIndex(i, size)];
    }

    /** Block copies to make in order before the segments run. */
    public CopyList copies() {
        return copies;
    }

    /** Number of sequences that lost their blocks while this step was planned. */
    public int preemptedCount() {
        return preemptedCount;
    }

    /** Sequence that lost its blocks. */
    public Sequence preempted(int i) {
        return Objects.requireNonNull(preempted[Objects.checkIndex(i, preemptedCount)]);
    }

    /** Number of the step, counted from 1. */
    public long step() {
        return step;
    }

    /** Clock reading given to {@link Scheduler#plan}. */
    public long plannedNanos() {
        return plannedNanos;
    }

    /** Tokens the step was allowed. */
    public int budgetTokens() {
        return budgetTokens;
    }

    /** Tokens in all segments. */
    public int tokens() {
        return tokens;
    }

    /** Tokens in decode segments: one for each. */
    public int decodeTokens() {
        return decodeTokens;
    }

    /** Tokens in prefill segments. */
    public int prefillTokens() {
        return tokens - decodeTokens;
    }

    /** Segments that want logits. */
    public int logitsRows() {
        return logitsRows;
    }

    /** Sequences that left the queue in this step. */
    public int admitted() {
        return admitted;
    }

    /** Sum over all prefill tokens of the tokens each attends to, itself included. */
    public long prefillWork() {
        return prefillWork;
    }

    /** Sum over all decodes of the tokens each attends to, itself included. */
    public long decodeContext() {
        return decodeContext;
    }
}
