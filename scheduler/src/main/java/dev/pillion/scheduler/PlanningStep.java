package dev.pillion.scheduler;

import dev.pillion.memory.BlockTable;
import dev.pillion.memory.KvCache;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One step being planned, as the verbs a {@link BatchPlanner} composes it from. Each verb schedules what it names as
 * far as budget and blocks go, and calling none of them schedules nothing.
 *
 * <p>Rules that hold whatever the planner does:
 * <ul>
 * <li>{@code computed} moves forward when tokens are scheduled, so no token is scheduled twice; a failed step moves it
 *     back.
 * <li>Only a running sequence that needs a block can take one from another. The victim is the least important, then the
 *     youngest by arrival, then the one with the fewest tokens to compute again; the sequence itself is among the
 *     candidates. One that lost its blocks before and has produced nothing since is not. One that this very step
 *     scheduled already is taken out of it and its tokens go back to the budget.
 * <li>A step planned while another runs takes blocks from nobody; the running one uses them.
 * <li>A step that took blocks from someone admits nobody: the blocks it freed are not there to be fought over.
 * <li>Admission needs blocks for all known tokens, beyond the watermark. Of sequences that do not fit, a few may be
 *     looked past, and each only so often.
 * </ul>
 */
public final class PlanningStep {
    private final SchedulingState state;
    private final TokenBudget tokenBudget;
    private BatchPlan plan;
    /** Running sequences whose prompt is not through, oldest first, then those admitted in this step. */
    private @Nullable Sequence[] prefilling = new Sequence[16];
    private int prefillingCount;
    private int ranBefore;
    /** Candidates this step looked past. */
    private @Nullable Sequence[] passed = new Sequence[16];

    private int passedCount;
    /** Tokens this step may hold; -1 until the budget was asked. */
    private int limit;
    /** Whether the step before still runs, so that nobody can lose blocks. */
    private boolean ahead;

    PlanningStep(SchedulingState state, TokenBudget tokenBudget, BatchPlan plan) {
        this.state = state;
        this.tokenBudget = tokenBudget;
        this.plan = plan;
    }

    /** Begins a step to be put into {@code empty}, whose copies the cache has begun a list for. */
    void begin(BatchPlan empty, long step, long nowNanos, boolean behindRunning) {
        plan = empty;
        ahead = behindRunning;
        plan.begin(step, nowNanos, state.cache.copies());
        limit = -1;
        ranBefore = state.running.size();
        keepPrefilling();
    }

    /**
     * Drops from the last step's list who is through with the prompt or no longer runs. Sequences begin a prompt by
     * admission only, so nobody who is not in the list can belong there but after a step taken back, which calls
     * {@link #findPrefilling}.
     */
    private void keepPrefilling() {
        int before = prefillingCount;
        prefillingCount = 0;
        for (int i = 0; i < before; i++) {
            Sequence sequence = Objects.requireNonNull(prefilling[i]);
            if (sequence.state == SequenceState.RUNNING && sequence.isPrefilling()) {
                int at = prefillingCount++;
                for (; at > 0 && sequence.isOlderThan(Objects.requireNonNull(prefilling[at - 1])); at--) {
                    prefilling[at] = prefilling[at - 1];
                }
                prefilling[at] = sequence;
            }
        }
        Arrays.fill(prefilling, prefillingCount, before, null);
    }

    /** Makes the list anew: with steps taken back, some may be in the middle of their prompt again. */
    void findPrefilling() {
        Arrays.fill(prefilling, 0, prefillingCount, null);
        prefillingCount = 0;
        for (int i = 0; i < state.running.size(); i++) {
            if (state.running.get(i).isPrefilling()) {
                addPrefilling(state.running.get(i));
            }
        }
    }

    private void addPrefilling(Sequence sequence) {
        if (prefillingCount == prefilling.length) {
            prefilling = Arrays.copyOf(prefilling, 2 * prefillingCount);
        }
        prefilling[prefillingCount++] = sequence;
    }

    void end() {
        Arrays.fill(passed, 0, passedCount, null);
        passedCount = 0;
        plan.end(Math.max(limit < 0 ? tokenBudget.maxTokens() : limit, plan.tokens()));
        if (plan.preemptedCount() > 0) {
            state.running.sweep();
        }
    }

    /** Whether no sequence was running when the step began. */
    public boolean nothingRuns() {
        return ranBefore == 0;
    }

    /**
     * Schedules the next token of each running sequence whose prompt is through, oldest first. One whose last token is
     * being sampled by the step before needs no more.
     */
    public void decodes() {
        int most = tokenBudget.maxTokens();
        for (int i = 0; i < state.running.size() && plan.tokens() < most; i++) {
            Sequence sequence = state.running.get(i);
            if (sequence.isDecoding()
                    && sequence.state == SequenceState.RUNNING
                    && !sequence.isFull()
                    && makeRoom(sequence, 1)) {
                schedule(sequence, 1, true);
            }
        }
    }

    /** Goes on with prompts that run already, oldest first, each with as much as the budget leaves. */
    public void prefillChunks() {
        for (int i = 0; i < prefillingCount; i++) {
            Sequence sequence = Objects.requireNonNull(prefilling[i]);
            if (sequence.state != SequenceState.RUNNING) {
                continue;
            }
            int chunk = Math.min(sequence.remaining(), left());
            if (chunk <= 0) {
                break;
            }
            if (makeRoom(sequence, chunk)) {
                schedule(sequence, chunk, false);
            }
        }
    }

    /** Goes on with prompts that run already, each to its end; the first of the step may go beyond the budget. */
    public boolean wholePrefills() {
        boolean any = false;
        for (int i = 0; i < prefillingCount; i++) {
            Sequence sequence = Objects.requireNonNull(prefilling[i]);
            if (sequence.state == SequenceState.RUNNING
                    && fitsWhole(sequence.remaining())
                    && makeRoom(sequence, sequence.remaining())) {
                schedule(sequence, sequence.remaining(), false);
                any = true;
            }
        }
        return any;
    }

    /** Admits waiting sequences by the queue policy, each with as much of its prompt as the budget leaves. */
    public boolean admitChunks() {
        return admit(false);
    }

    /** Admits waiting sequences by the queue policy, whole prompts only; the first may go beyond the budget. */
    public boolean admitWhole() {
        return admit(true);
    }

    private boolean admit(boolean whole) {
        if (plan.preemptedCount() > 0 || state.waiting.size() == 0 || slotsLeft() <= 0 || !whole && left() <= 0) {
            return false;
        }
        int before = plan.admitted();
        passedCount = 0;
        int held = 0;
        state.waiting.beginScan(state.cache);
        while (slotsLeft() > 0 && (whole || left() > 0) && passedCount + held <= state.config.skipWindow()) {
            Sequence candidate = state.waiting.next();
            if (candidate == null) {
                break;
            }
            if (isHeld(candidate)) {
                held++;
            } else if (tryAdmit(candidate, whole)) {
                state.waiting.take();
                countOvertakes();
                if (mayNotBeOvertaken()) {
                    break;
                }
            } else {
                pass(candidate);
                if (mayNotBeOvertaken()) {
                    break;
                }
            }
        }
        state.waiting.endScan();
        state.counters.held += held;
        return plan.admitted() > before;
    }

    private void pass(Sequence candidate) {
        if (passedCount == passed.length) {
            passed = Arrays.copyOf(passed, 2 * passedCount);
        }
        passed[passedCount++] = candidate;
    }

    private void countOvertakes() {
        for (int i = 0; i < passedCount; i++) {
            Objects.requireNonNull(passed[i]).overtaken++;
        }
        state.counters.overtakes += passedCount;
    }

    /** Whether one of those looked past has been overtaken as often as the bound allows. */
    private boolean mayNotBeOvertaken() {
        for (int i = 0; i < passedCount; i++) {
            if (Objects.requireNonNull(passed[i]).overtaken >= state.config.maxOvertakes()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a running prompt is about to compute the first block that this one misses. Waiting for it costs the
     * candidate little (the other goes first anyway) and saves computing the shared prefix twice.
     */
    private boolean isHeld(Sequence candidate) {
        if (!state.config.holdSharers() || prefillingCount == 0 || !state.cache.prefixCaching()) {
            return false;
        }
        int hits = state.cache.match(candidate.chain(), candidate.tokens, candidate.length);
        if (hits >= state.cache.fullBlocks(candidate.length - 1)) {
            return false;
        }
        for (int i = 0; i < prefillingCount; i++) {
            Sequence other = Objects.requireNonNull(prefilling[i]);
            if (other.state == SequenceState.RUNNING
                    && other.registeredBlocks <= hits
                    && other.chain().agreesAt(candidate.chain(), hits)) {
                return true;
            }
        }
        return false;
    }

    private boolean tryAdmit(Sequence sequence, boolean whole) {
        if (sequence.slots() > slotsLeft()) {
            return false;
        }
        if (whole && !fitsWhole(sequence.remaining())) {
            return false;
        }
        boolean alone = state.slots == 0;
        int watermark = alone ? 0 : state.config.watermarkBlocks();
        int fetchesBefore = state.cache.copies().intoDevice();
        int hit = state.cache.tryAdmit(
                sequence.table(), sequence.chain(), sequence.tokens, sequence.length, watermark);
        if (hit == KvCache.REFUSED) {
            return false;
        }
        if (state.cache.copies().intoDevice() > fetchesBefore) {
            sequence.copyStep = plan.step();
        }
        countAdmission(sequence, hit);
        sequence.computed = hit;
        sequence.prefillEnd = sequence.length;
        sequence.registeredBlocks = 0;
        state.start(sequence);
        addPrefilling(sequence);
        schedule(sequence, whole ? sequence.remaining() : Math.min(sequence.remaining(), left()), false);
        return true;
    }

    private void countAdmission(Sequence sequence, int hit) {
        SchedulerCounters counters = state.counters;
        counters.prefixQueryTokens += sequence.length;
        counters.prefixHitTokens += hit;
        if (sequence.state == SequenceState.PREEMPTED) {
            counters.resumed++;
            counters.recomputedTokens += Math.max(0, sequence.lostTokens - hit);
        } else {
            counters.admitted++;
            sequence.prefixHitTokens = hit;
            sequence.firstScheduledNanos = plan.plannedNanos();
        }
        sequence.lostTokens = 0;
        plan.countAdmitted();
    }

    /** Gives a running sequence the blocks for its next tokens, from victims where none are free. */
    private boolean makeRoom(Sequence sequence, int tokens) {
        if (sequence.computed + tokens <= sequence.writableEnd) {
            return true;
        }
        BlockTable table = sequence.table();
        int copiesBefore = state.cache.copies().intoDevice();
        while (!state.cache.tryExtend(table, sequence.computed, sequence.computed + tokens)) {
            if (ahead) {
                return false;
            }
            Sequence victim = victim(sequence);
            preempt(victim);
            if (victim == sequence) {
                return false;
            }
        }
        if (state.cache.copies().intoDevice() > copiesBefore) {
            sequence.copyStep = plan.step();
        }
        sequence.writableEnd = table.capacityTokens();
        return true;
    }

    private Sequence victim(Sequence asking) {
        Sequence worst = asking;
        for (int i = 0; i < state.running.size(); i++) {
            Sequence candidate = state.running.get(i);
            if (candidate.state == SequenceState.RUNNING && !candidate.isProtected()
                    && yieldsBefore(candidate, worst)) {
                worst = candidate;
            }
        }
        return worst;
    }

    private static boolean yieldsBefore(Sequence a, Sequence b) {
        if (a.priority() != b.priority()) {
            return a.priority() < b.priority();
        }
        if (a.arrivalNanos() != b.arrivalNanos()) {
            return a.arrivalNanos() > b.arrivalNanos();
        }
        return a.computed != b.computed ? a.computed < b.computed : a.id() > b.id();
    }

    private void preempt(Sequence victim) {
        if (victim.scheduledStep == plan.step()) {
            victim.computed = plan.start(victim.planIndex);
            plan.remove(victim.planIndex);
        }
        victim.scheduledStep = -1;
        victim.preemptions++;
        state.counters.preemptions++;
        state.sendBack(victim);
        plan.addPreempted(victim);
    }

    private void schedule(Sequence sequence, int tokens, boolean decode) {
        plan.add(sequence, sequence.computed, tokens, decode);
        sequence.computed += tokens;
        sequence.scheduledStep = plan.step();
    }

    /** Tokens the budget leaves; never negative, whatever the decodes took. */
    private int left() {
        if (limit < 0) {
            int start = prefillingCount > 0 ? Objects.requireNonNull(prefilling[0]).computed : 0;
            limit = tokenBudget.tokens(plan.decodeTokens(), plan.decodeContext(), start);
        }
        return Math.max(0, limit - plan.tokens());
    }

    private boolean fitsWhole(int tokens) {
        return plan.prefillTokens() == 0 || tokens <= left();
    }

    private int slotsLeft() {
        return state.config.maxSequences() - state.slots;
    }
}
