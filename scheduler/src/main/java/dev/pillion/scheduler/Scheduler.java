package dev.pillion.scheduler;

import dev.pillion.memory.KvCache;
import org.jspecify.annotations.Nullable;

/**
 * Decides which tokens of which sequences run in the next step, and keeps everything that decision needs: the queue,
 * the running sequences, their KV blocks and the prefix cache.
 *
 * <p>One turn of the engine is {@link #plan}, then the plan's copies and segments on the device, then {@link #commit}
 * with the sampled tokens, or {@link #rollback} if the device failed. Between the two, {@link #fork} makes the further
 * samples of a prompt. {@link #submit}, {@link #finish} and {@link #abort} may come at any time.
 *
 * <p>While a step runs, {@link #planAhead} may make the plan of the next one, so that the device need not wait for the
 * host: then two plans are in flight, and the older one is committed first. What is assumed of the older one is said in
 * {@link Assumptions}; where it fails, the newer one falls with it.
 *
 * <p>Single-threaded and deterministic: no clock, no input or output, no randomness. The same calls give the same
 * plans, in the engine, in tests and in a simulator. Steady state allocates nothing.
 */
public final class Scheduler {
    private final SchedulingState state;
    private final BatchPlanner planner;
    private final TokenBudget tokenBudget;
    private final PlannedAhead.Planned[] planned = new PlannedAhead.Planned[2];
    private final PlannedAhead.Refused[] refused = new PlannedAhead.Refused[AheadObstacle.values().length];
    private final PlanningStep planning;
    private final Assumptions assumptions;
    /** The plan in flight, of two the older one, and the other one. */
    private BatchPlan plan;

    private BatchPlan other;
    /** Segments whose sequences end with the step that is being committed; the complement where a token stopped it. */
    private int[] ended;

    private long step;
    /** Plans in flight: none, {@link #plan}, or also {@link #other}. */
    private int inFlight;

    private boolean forkedInFlight;

    /**
     * A scheduler with nothing to do.
     *
     * @throws IllegalArgumentException if the budget is smaller than the number of sequences that may run: their
     *     decodes would not all fit into a step
     */
    public Scheduler(
            SchedulerConfig config, KvCache cache, BatchPlanner planner, QueuePolicy policy, TokenBudget tokenBudget) {
        if (tokenBudget.maxTokens() < config.maxSequences()) {
            throw new IllegalArgumentException("a budget of " + tokenBudget.maxTokens()
                    + " tokens per step does not hold the decodes of " + config.maxSequences()
                    + " sequences; raise the budget or lower maxSequences");
        }
        state = new SchedulingState(config, cache, policy);
        this.planner = planner;
        this.tokenBudget = tokenBudget;
        ended = new int[Math.min(config.maxSequences(), 1 << 16)];
        for (int i = 0; i < planned.length; i++) {
            planned[i] = new PlannedAhead.Planned(new BatchPlan(config.maxSequences(), cache.copies()));
        }
        for (AheadObstacle obstacle : AheadObstacle.values()) {
            refused[obstacle.ordinal()] = new PlannedAhead.Refused(obstacle);
        }
        plan = planned[0].plan();
        other = planned[1].plan();
        planning = new PlanningStep(state, tokenBudget, plan);
        assumptions = new Assumptions(state);
    }

    /** Offers a new sequence to the queue; only {@link Admission.Accepted} keeps it. */
    public Admission submit(Sequence sequence) {
        if (sequence.state != SequenceState.NEW) {
            throw new IllegalStateException("sequence " + sequence.id() + " was submitted before: " + sequence.state);
        }
        int samples = sequence.slots();
        if (samples > state.config.maxSequences()) {
            state.counters.refusedNeverFits++;
            return new Admission.NeverFits(Admission.Resource.SEQUENCES, samples, state.config.maxSequences());
        }
        // The last generated token ends the sequence, so its own keys and values are never computed.
        long blocks = state.cache.blocksFor(sequence.promptLength() + (long) sequence.maxTokens() - 1);
        if (blocks > state.cache.pool().blocks()) {
            state.counters.refusedNeverFits++;
            return new Admission.NeverFits(Admission.Resource.BLOCKS, blocks, state.cache.pool().blocks());
        }
        if (state.waiting.size() >= state.config.maxWaiting()) {
            state.counters.refusedQueueFull++;
            return new Admission.QueueFull(
                    state.waiting.size(), state.config.maxWaiting(), state.waiting.tokens(), state.running.size());
        }
        sequence.bind(state.cache);
        sequence.state = SequenceState.WAITING;
        state.waiting.offer(sequence);
        return new Admission.Accepted(sequence);
    }

    /**
     * Plans the next step. The plan belongs to the scheduler and is filled anew each time. One that is not
     * {@linkplain BatchPlan#isEmpty empty} must be committed or rolled back before the next.
     *
     * <p>While {@link #hasWork}, an empty plan can come only where every block was just taken from the one sequence
     * that ran; the next plan is not empty.
     *
     * @param nowNanos clock reading, noted down and not otherwise used
     */
    public BatchPlan plan(long nowNanos) {
        if (inFlight > 0) {
            throw new IllegalStateException("step " + plan.step() + " was neither committed nor rolled back");
        }
        state.cache.beginStep();
        compose(plan, nowNanos, false);
        inFlight = plan.isEmpty() ? 0 : 1;
        return plan;
    }

    /**
     * Plans the step behind the one in flight, which runs and is not yet committed. It takes nobody's blocks, and makes no
     * copy for a sequence that runs already.
     *
     * @param nowNanos as for {@link #plan}
     * @throws IllegalStateException unless exactly one step is in flight
     */
    public PlannedAhead planAhead(long nowNanos) {
        if (inFlight != 1) {
            throw new IllegalStateException(inFlight + " steps are in flight; one can be planned behind one");
        }
        AheadObstacle obstacle = tryPlanAhead(nowNanos);
        if (obstacle != null) {
            state.counters.obstacles[obstacle.ordinal()]++;
            return refused[obstacle.ordinal()];
        }
        inFlight = 2;
        state.counters.plannedAhead++;
        return other == planned[0].plan() ? planned[0] : planned[1];
    }

    private @Nullable AheadObstacle tryPlanAhead(long nowNanos) {
        if (forkedInFlight || assumptions.awaitsForks(plan)) {
            return AheadObstacle.FORKS;
        }
        if (plan.size() == 0) {
            // Blocks were just taken from the only one that ran.
            return AheadObstacle.FEW_BLOCKS;
        }
        assumptions.make(plan);
        AheadObstacle obstacle = assumptions.blockObstacle();
        if (obstacle == null) {
            state.cache.beginAheadStep();
            compose(other, nowNanos, true);
            if (other.size() > 0) {
                return null;
            }
            state.cache.rollbackStep();
            planning.findPrefilling();
            obstacle = AheadObstacle.NOTHING_TO_DO;
        }
        assumptions.drop(plan);
        return obstacle;
    }

    private void compose(BatchPlan empty, long nowNanos, boolean behindRunning) {
        planning.begin(empty, ++step, nowNanos, behindRunning);
        planner.compose(planning);
        planning.end();
    }

    /**
     * Takes the results of a step, of two the older one: each segment that wanted logits gets its token, full blocks
     * become findable, and sequences end that were stopped or have all the tokens they may generate.
     *
     * @param sampledTokens one token for each row of logits, in segment order
     * @param stopped whether that token ends its sequence; same order
     */
    public void commit(BatchPlan committed, int[] sampledTokens, boolean[] stopped) {
        checkInFlight(committed);
        int rows = plan.logitsRows();
        if (sampledTokens.length < rows || stopped.length < rows) {
            throw new IllegalArgumentException("step " + step + " wants " + rows + " tokens, not "
                    + sampledTokens.length + " with " + stopped.length + " stop flags");
        }
        if (ended.length < rows) {
            ended = new int[rows];
        }
        int row = 0;
        int endedCount = 0;
        for (int i = 0; i < plan.size(); i++) {
            Sequence sequence = plan.sequence(i);
            int ownRow = plan.wantsLogits(i) ? row++ : -1;
            if (sequence.state != SequenceState.RUNNING) {
                state.counters.wastedTokens += plan.length(i);
                continue;
            }
            state.register(sequence, plan.start(i) + plan.length(i));
            if (ownRow >= 0) {
                sequence.takeSampled(sampledTokens[ownRow]);
                if (stopped[ownRow] || sequence.isFull()) {
                    ended[endedCount++] = stopped[ownRow] ? ~i : i;
                }
            }
        }
        state.cache.commitStep();
        for (int i = 0; i < endedCount; i++) {
            boolean stop = ended[i] < 0;
            finish(plan.sequence(stop ? ~ended[i] : ended[i]), stop ? FinishReason.STOP : FinishReason.LENGTH);
        }
        state.counters.steps++;
        state.counters.decodeTokens += plan.decodeTokens();
        state.counters.prefillTokens += plan.prefillTokens();
        landed();
    }

    /**
     * Takes a failed step back: nothing of it counts as computed and the same tokens are planned again. A sequence that
     * was to get blocks by copy goes back to the queue, since the copies may not have been made; sequences preempted
     * while the step was planned stay so. A step planned behind it is withdrawn first; either may be the failed one.
     */
    public void rollback(BatchPlan failed) {
        takeBack(failed);
        state.counters.rollbacks++;
    }

    /** As {@link #rollback} for a step that did not fail and is to be planned again all the same. */
    public void withdraw(BatchPlan unwanted) {
        takeBack(unwanted);
        state.counters.withdrawals++;
    }

    private void takeBack(BatchPlan given) {
        if (inFlight == 2 && given == other) {
            takeBackOther();
            return;
        }
        checkInFlight(given);
        if (forkedInFlight) {
            throw new IllegalStateException("step " + plan.step() + " was forked from and so cannot have failed");
        }
        if (inFlight == 2) {
            takeBackOther();
            state.counters.withdrawals++;
        }
        undo(plan);
        inFlight = 0;
    }

    private void takeBackOther() {
        undo(other);
        assumptions.drop(plan);
        inFlight = 1;
    }

    private void undo(BatchPlan failed) {
        boolean anySentBack = false;
        for (int i = failed.size() - 1; i >= 0; i--) {
            Sequence sequence = failed.sequence(i);
            if (sequence.state != SequenceState.RUNNING) {
                continue;
            }
            sequence.computed = failed.start(i);
            if (sequence.copyStep == failed.step()) {
                state.sendBack(sequence);
                anySentBack = true;
            }
        }
        state.cache.rollbackStep();
        if (anySentBack) {
            state.running.sweep();
        }
        planning.findPrefilling();
    }

    private void checkInFlight(BatchPlan given) {
        if (inFlight == 0 || given != plan) {
            throw new IllegalStateException(
                    "no step is in flight, or not this one, or not as the older one; the last was " + step);
        }
    }

    /** The older step is committed; the one planned behind it takes its place. */
    private void landed() {
        inFlight--;
        forkedInFlight = false;
        if (inFlight > 0) {
            BatchPlan committed = plan;
            plan = other;
            other = committed;
        }
    }

    /**
     * Makes one of the further samples that {@code parent} was submitted for. To be called after the step that computes
     * the end of the prompt has run and before it is committed: the child starts with its own first token, sampled from
     * the same logits, and shares all blocks until one of the two writes.
     *
     * @param firstToken the child's first token; if it ends the child, {@link #finish} the child afterwards
     * @param owner what the child belongs to
     * @return the child, running, or finished already if it may generate one token only
     */
    public Sequence fork(Sequence parent, long childId, int firstToken, Object owner) {
        boolean atEnd = inFlight == 1
                && parent.state == SequenceState.RUNNING
                && parent.scheduledStep == plan.step()
                && parent.remaining() == 0;
        if (!atEnd || parent.pendingForks < 1) {
            throw new IllegalStateException("sequence " + parent.id() + " has " + parent.pendingForks
                    + " forks pending and "
                    + (atEnd ? "is" : "is not") + " in a running step that computes its last token");
        }
        parent.pendingForks--;
        Sequence child = parent.fork(childId, firstToken, owner);
        state.slots -= 1;
        state.start(child);
        state.counters.forks++;
        forkedInFlight = true;
        if (child.isFull()) {
            finish(child, FinishReason.LENGTH);
        }
        return child;
    }

    /**
     * Ends a sequence now, whatever its state; its blocks are free at once. In a step in flight its segment is computed
     * for nothing and ignored.
     *
     * @return false if it had ended before
     */
    public boolean finish(Sequence sequence, FinishReason reason) {
        if (sequence.isFinished()) {
            return false;
        }
        boolean ran = sequence.state == SequenceState.RUNNING;
        state.finish(sequence, reason);
        if (ran) {
            state.running.remove(sequence);
        }
        return true;
    }

    /** Ends a sequence that nobody waits for any more; as {@link #finish}. */
    public boolean abort(Sequence sequence) {
        return finish(sequence, FinishReason.ABORTED);
    }

    /**
     * Takes a running sequence out of all further steps and leaves it its blocks and its place, while another device
     * copies its keys and values. Afterwards {@link #finish} it here, or {@link #resume} it.
     *
     * @throws IllegalStateException if it is in a step in flight, or its next step is not a decode
     */
    public void park(Sequence sequence) {
        if (!canPark(sequence)) {
            throw new IllegalStateException("sequence " + sequence.id() + " is " + sequence.state + " with "
                    + sequence.remaining() + " tokens to compute, or in step " + step
                    + ", which is in flight; it cannot be parked");
        }
        state.parked.park(sequence);
    }

    /** Whether {@link #park} would take it: it runs, its next step is a decode, and that is not in flight. */
    public boolean canPark(Sequence sequence) {
        boolean between = inFlight == 0 || sequence.scheduledStep < plan.step();
        return between && sequence.state == SequenceState.RUNNING && sequence.isDecoding();
    }

    /**
     * Parks a sequence that comes from another scheduler ({@link Sequence#continuation}), with blocks for its first
     * {@code tokens} tokens; asked again, gives a parked one more. As admission does, it leaves the watermark free.
     *
     * @return false, with nothing changed, if there are too few free blocks or no place among the running
     */
    public boolean reserve(Sequence sequence, int tokens) {
        return state.parked.reserve(sequence, tokens);
    }

    /**
     * Lets a parked sequence run: its blocks hold the keys and values of all its known tokens but the last, which is
     * its next decode.
     *
     * @throws IllegalStateException if it is not parked or its blocks are too few
     */
    public void resume(Sequence sequence) {
        state.parked.resume(sequence);
    }

    /** Number of parked sequences. */
    public int parked() {
        return state.parked.size();
    }

    /** Parked sequence number {@code i}, in the order they were parked. */
    public Sequence parked(int i) {
        return state.parked.get(i);
    }

    /** Tells the token budget how long the last step took, so that it can adapt. Before the next {@link #plan}. */
    public void observe(BatchPlan observed, long stepNanos) {
        tokenBudget.observe(observed, stepNanos);
    }

    /** Whether any sequence runs or waits. */
    public boolean hasWork() {
        return state.running.size() > 0 || state.waiting.size() > 0;
    }

    /** Number of running sequences. */
    public int running() {
        return state.running.size();
    }

    /** Running sequence number {@code i}, oldest first. */
    public Sequence running(int i) {
        return state.running.get(i);
    }

    /** Number of waiting sequences, preempted ones among them. */
    public int waiting() {
        return state.waiting.size();
    }

    /** Waiting sequence number {@code i}, in no particular order; together with {@link #running} for ending all. */
    public Sequence waiting(int i) {
        return state.waiting.at(i);
    }

    /** Known tokens of all waiting sequences. */
    public long waitingTokens() {
        return state.waiting.tokens();
    }

    /** Whether a plan was made and neither committed nor taken back. */
    public boolean isInFlight() {
        return inFlight > 0;
    }

    /** Plans made and neither committed nor taken back: at most two. */
    public int plansInFlight() {
        return inFlight;
    }

    /** The blocks and the prefix cache. */
    public KvCache cache() {
        return state.cache;
    }

    /** The settings. */
    public SchedulerConfig config() {
        return state.config;
    }

    /** The token budget. */
    public TokenBudget tokenBudget() {
        return tokenBudget;
    }

    /** The planner. */
    public BatchPlanner planner() {
        return planner;
    }

    /** The counters; see there for who may read them. */
    public SchedulerCounters counters() {
        return state.counters;
    }

    SchedulingState state() {
        return state;
    }

    /** The older of the plans in flight. */
    BatchPlan olderPlan() {
        return plan;
    }

    /** The plan made behind it. */
    BatchPlan newerPlan() {
        return other;
    }
}
