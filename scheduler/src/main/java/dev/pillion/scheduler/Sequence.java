package dev.pillion.scheduler;

import dev.pillion.memory.BlockTable;
import dev.pillion.memory.KvCache;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the scheduler knows of one token sequence: its tokens, how many of them have keys and values, and its place in
 * the order of things. It knows no text, no sampling parameters and no stream; {@link #owner()} leads back to those.
 *
 * <p>There are no phases. The sequence has {@link #length()} known tokens (prompt, then generated) of which the first
 * {@link #computed()} are in the KV cache or scheduled to be; what lies between is the work to do: a
 * prefill while it is tokens the sequence was admitted with, then one decode after the other. A preempted sequence is
 * one whose {@code computed} went back to zero.
 *
 * <p>A request for several samples of one prompt is one sequence with {@code samples > 1} that is forked when its
 * prompt is computed ({@link Scheduler#fork}).
 */
public final class Sequence extends SequenceProgress {
    /** Deadline of a sequence that has none. */
    public static final long NO_DEADLINE = Long.MAX_VALUE;

    /** Generated tokens an array is made for at once; a larger {@code maxTokens} is rarely used up. */
    private static final int EAGER_TOKENS = 1024;

    private final long id;
    private final int promptLength;
    private final int maxTokens;
    private final long arrivalNanos;
    private final int priority;
    private final long deadlineNanos;
    private final long salt;
    private final Object owner;

    int pendingForks;
    private @Nullable FinishReason finishReason;

    /** Rank in the queue by its policy, place in the queue's heap, and how often others went first. */
    long queueKey;

    int queueIndex = -1;
    int overtaken;

    /** The last step whose copies it needs. */
    long copyStep = -1;

    int preemptions;
    /** Tokens that were known when the sequence last lost its blocks; -1 if it never did. */
    int lengthAtPreemption = -1;

    int lostTokens;
    int prefixHitTokens;
    long firstScheduledNanos = Long.MIN_VALUE;

    private Sequence(Builder builder, int[] tokens, int promptLength, int length) {
        super(tokens, length, promptLength + builder.maxTokens);
        id = builder.id;
        maxTokens = builder.maxTokens;
        arrivalNanos = builder.arrivalNanos;
        priority = builder.priority;
        deadlineNanos = builder.deadlineNanos;
        salt = builder.salt;
        owner = builder.owner;
        pendingForks = builder.samples - 1;
        this.promptLength = promptLength;
    }

    /**
     * Starts the description of a sequence.
     *
     * @param id breaks ties between sequences of one arrival; should be unique
     * @param prompt at least one token; copied
     */
    public static Builder builder(long id, int[] prompt) {
        return new Builder(id, prompt);
    }

    /** Collects what a new sequence is to be. */
    public static final class Builder {
        private final long id;
        private final int[] prompt;
        private int maxTokens = 1;
        private long arrivalNanos;
        private int priority;
        private long deadlineNanos = NO_DEADLINE;
        private long salt;
        private int samples = 1;
        private Object owner = "";

        private Builder(long id, int[] prompt) {
            this.id = id;
            this.prompt = prompt;
        }

        /** Most tokens to generate, at least 1. */
        public Builder maxTokens(int count) {
            maxTokens = count;
            return this;
        }

        /** When the request came, on the clock of {@link Scheduler#plan}. Kept through preemption. */
        public Builder arrivalNanos(long nanos) {
            arrivalNanos = nanos;
            return this;
        }

        /** Larger is more important; 0 unless said otherwise. */
        public Builder priority(int value) {
            priority = value;
            return this;
        }

        /** When the request should be done, on the clock of the arrival; for {@link LeastSlack}. */
        public Builder deadlineNanos(long nanos) {
            deadlineNanos = nanos;
            return this;
        }

        /** Tenant's salt: sequences of different salts share no cached blocks. */
        public Builder salt(long value) {
            salt = value;
            return this;
        }

        /** Samples to draw from the one prompt; all but the first are forks. */
        public Builder samples(int count) {
            samples = count;
            return this;
        }

        /** What the sequence belongs to, handed back by {@link Sequence#owner()}. */
        public Builder owner(Object value) {
            owner = value;
            return this;
        }

        /** The sequence. */
        public Sequence build() {
            if (prompt.length == 0 || maxTokens < 1 || samples < 1) {
                throw new IllegalArgumentException("sequence " + id + " needs at least one prompt token, one token to "
                        + "generate and one sample, not " + prompt.length + ", " + maxTokens + ", " + samples);
            }
            if (prompt.length + (long) maxTokens > Integer.MAX_VALUE - 8) {
                throw new IllegalArgumentException("sequence " + id + ": " + prompt.length + " prompt tokens and "
                        + maxTokens + " to generate are more than an array holds");
            }
            int[] tokens = Arrays.copyOf(prompt, prompt.length + Math.min(maxTokens, EAGER_TOKENS));
            return new Sequence(this, tokens, prompt.length, prompt.length);
        }
    }

    /** Prepares the table and the prefix links; called once, at submission. */
    void bind(KvCache cache) {
        bind(cache.newTable(tokens.length), cache.newChain(salt, tokens.length));
    }

    /** A running sequence that continues this one's computed tokens with {@code firstToken}. */
    Sequence fork(long childId, int firstToken, Object childOwner) {
        Builder builder = new Builder(childId, tokens).maxTokens(maxTokens).arrivalNanos(arrivalNanos);
        builder.priority(priority).deadlineNanos(deadlineNanos).salt(salt).owner(childOwner);
        Sequence child = new Sequence(builder, tokens.clone(), promptLength, computed);
        child.append(firstToken);
        child.computed = computed;
        child.prefillEnd = computed;
        child.registeredBlocks = registeredBlocks;
        child.bind(table().fork(), chain().fork());
        writableEnd = 0;
        child.state = SequenceState.RUNNING;
        child.prefixHitTokens = prefixHitTokens;
        child.firstScheduledNanos = firstScheduledNanos;
        return child;
    }

    /**
     * A new sequence that goes on where this one stands, for another scheduler: the same id, prompt, generated tokens,
     * limit and arrival, and nothing computed. Submitted, it computes its tokens again; {@linkplain Scheduler#reserve
     * reserved} and {@linkplain Scheduler#resume resumed}, it decodes on with keys and values that were brought over.
     */
    public Sequence continuation() {
        Builder builder = new Builder(id, tokens).maxTokens(maxTokens).arrivalNanos(arrivalNanos).owner(owner);
        builder.priority(priority).deadlineNanos(deadlineNanos).salt(salt).samples(slots());
        Sequence next = new Sequence(builder, tokens.clone(), promptLength, length);
        next.firstScheduledNanos = firstScheduledNanos;
        return next;
    }

    /**
     * Takes over the tokens that the sequence this one continues has generated since.
     *
     * @throws IllegalStateException unless this one is parked
     */
    public void catchUp(Sequence origin) {
        if (state != SequenceState.PARKED || origin.id != id) {
            throw new IllegalStateException("sequence " + id + " is " + state + " and cannot catch up with " + origin.id);
        }
        while (length < origin.length) {
            append(origin.tokens[length]);
        }
    }

    void finish(FinishReason reason) {
        state = SequenceState.FINISHED;
        finishReason = reason;
    }

    /** Running sequences this one counts as: itself and the forks it was promised. */
    int slots() {
        return 1 + pendingForks;
    }

    /** Whether it lost its blocks and has produced nothing since: taking them again would be a livelock. */
    boolean isProtected() {
        return length == lengthAtPreemption;
    }

    /** Whether it goes before {@code other} by arrival, equal arrivals by id. */
    boolean isOlderThan(Sequence other) {
        return arrivalNanos != other.arrivalNanos ? arrivalNanos < other.arrivalNanos : id < other.id;
    }

    /** The id given at construction. */
    public long id() {
        return id;
    }

    /** Tokens of the prompt. */
    public int promptLength() {
        return promptLength;
    }

    /** Known tokens: prompt and generated. One that {@link Scheduler#planAhead} assumes counts, and reads -1. */
    public int length() {
        return length;
    }

    /** Generated tokens so far; preemption does not set it back. */
    public int generated() {
        return length - promptLength;
    }

    /** Most tokens to generate. */
    public int maxTokens() {
        return maxTokens;
    }

    /** Tokens whose keys and values exist or are scheduled, from the first on. */
    public int computed() {
        return computed;
    }

    /** Known token at a position. */
    public int token(int position) {
        return tokens[Objects.checkIndex(position, length)];
    }

    /** Copies known tokens {@code from} to {@code from + count} into {@code out}. */
    public void copyTokens(int from, int[] out, int offset, int count) {
        Objects.checkFromIndexSize(from, count, length);
        System.arraycopy(tokens, from, out, offset, count);
    }

    /** When the request came. */
    public long arrivalNanos() {
        return arrivalNanos;
    }

    /** Larger is more important. */
    public int priority() {
        return priority;
    }

    /** When the request should be done; {@link #NO_DEADLINE} if it does not say. */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /** Tenant's salt. */
    public long salt() {
        return salt;
    }

    /** Forks still to be made when the prompt is computed. */
    public int pendingForks() {
        return pendingForks;
    }

    /** What the sequence belongs to. */
    public Object owner() {
        return owner;
    }

    /** Where it stands. */
    public SequenceState state() {
        return state;
    }

    /** Why it ended, once it has. */
    public Optional<FinishReason> finishReason() {
        return Optional.ofNullable(finishReason);
    }

    /** Whether it ended. */
    public boolean isFinished() {
        return state == SequenceState.FINISHED;
    }

    /** The device blocks of its computed tokens; only after submission. */
    public BlockTable blockTable() {
        return table();
    }

    /** How often its blocks were taken. */
    public int preemptions() {
        return preemptions;
    }

    /** Tokens that had keys and values when it lost its blocks, while it waits to be admitted again; 0 otherwise. */
    public int lostTokens() {
        return lostTokens;
    }

    /** Tokens its first admission found in the prefix cache. */
    public int prefixHitTokens() {
        return prefixHitTokens;
    }

    /** Clock reading of the plan that first scheduled it; {@link Long#MIN_VALUE} before. */
    public long firstScheduledNanos() {
        return firstScheduledNanos;
    }
}
