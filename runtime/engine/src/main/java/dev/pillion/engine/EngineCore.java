package dev.pillion.engine;

import dev.pillion.BatchListener;
import dev.pillion.EngineHealth;
import dev.pillion.EngineOptions;
import dev.pillion.Generation;
import dev.pillion.GenerationRequest;
import dev.pillion.MemoryPlan;
import dev.pillion.PillionException;
import dev.pillion.metrics.EngineMetrics;
import dev.pillion.model.Model;
import dev.pillion.scheduler.Admission;
import dev.pillion.scheduler.BatchPlan;
import dev.pillion.scheduler.Scheduler;
import dev.pillion.scheduler.Sequence;
import dev.pillion.spi.BackendUnavailableException;
import dev.pillion.spi.DeviceLostException;
import dev.pillion.spi.DeviceMemoryException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * The engine loop. Callers leave commands in an inbox; one thread takes them out, asks the scheduler for a plan, carries it
 * out and commits the sampled tokens, until the engine is closed or fails. {@link #step} does one turn and says whether
 * there was work, so that a test can call it by hand instead of {@link #start}.
 *
 * <p>What goes wrong stays where it belongs: a request whose tokens cannot be sampled ends alone; a step the backend fails is
 * taken back and tried again; a backend that keeps failing, or an error of the machine, ends the engine, and every caller
 * hears of it.
 */
public final class EngineCore {
    private static final System.Logger LOG = System.getLogger(EngineCore.class.getName());

    private final EngineOptions options;
    private final MemoryPlan plan;
    private final String report;
    private final StepRunner runner;
    private final Scheduler scheduler;
    private final EngineTelemetry telemetry;
    private final TokenSampling sampling;
    private final StepExecution execution;
    private final RequestFactory requests;
    private final LongSupplier clock;
    private final Queue<Command> inbox = new ConcurrentLinkedQueue<>();
    /** Taken from the inbox while a step ran; they have the backend to themselves. Engine thread only. */
    private final Queue<LogitsJob> jobs = new ArrayDeque<>();

    private final OpenRequests open = new OpenRequests();

    private final Thread thread = new Thread(this::loop, "pillion-engine");
    private volatile boolean closing;
    /** Set when no step follows any more; whoever finds commands after that answers them with it. */
    private volatile Optional<PillionException> end = Optional.empty();

    private volatile long lastStepNanos;
    /** When work came to an engine that had none: an idle time is not the age of a step. */
    private volatile long busySinceNanos;

    private volatile int running;

    private final Object closeLock = new Object();
    private boolean closed;

    /**
     * Builds the engine around its parts.
     *
     * @param selection the backend, which the engine owns if this succeeds
     * @param scheduler nothing submitted yet
     * @param clock nanoseconds, never going back
     */
    EngineCore(
            Model model,
            EngineOptions options,
            MemoryPlan plan,
            BackendSelection selection,
            Scheduler scheduler,
            LongSupplier clock) {
        this.options = options;
        this.plan = plan;
        this.runner = new StepRunner(model, selection.backend(), options, plan);
        this.report = selection.report() + "; " + runner.loading();
        this.scheduler = scheduler;
        this.clock = clock;
        this.lastStepNanos = clock.getAsLong();
        this.busySinceNanos = lastStepNanos;
        this.telemetry = new EngineTelemetry(
                scheduler,
                selection.backend().counters(),
                selection.backend().telemetry(),
                open::waiting,
                clock);
        telemetry.loaded(runner.loading());
        this.sampling = new TokenSampling(
                scheduler, runner, model.description().vocabularySize(), options.maxSequences(), clock);
        this.execution = new StepExecution(
                scheduler, runner, sampling, open, telemetry, clock, options.planAhead());
        this.requests = new RequestFactory(model, plan, options.maxSequences(), telemetry);
        thread.setDaemon(true);
    }

    /** Chooses a backend and builds the engine; {@link #start} sets it going. */
    public static EngineCore open(Model model, EngineOptions options) {
        BackendSelection selection = BackendSelection.select(options);
        boolean opened = false;
        try {
            EngineCore core = build(model, options, selection);
            opened = true;
            return core;
        } catch (DeviceMemoryException e) {
            throw new PillionException(PillionException.Code.OUT_OF_MEMORY, String.valueOf(e.getMessage()), e);
        } catch (DeviceLostException | BackendUnavailableException e) {
            throw new PillionException(PillionException.Code.NO_BACKEND, String.valueOf(e.getMessage()), e);
        } finally {
            if (!opened) {
                selection.backend().close();
            }
        }
    }

    private static EngineCore build(Model model, EngineOptions options, BackendSelection selection) {
        MemoryPlan plan = MemoryPlanner.plan(
                model.description(), model.tensors().values(), options, selection.backend().profile());
        LOG.log(System.Logger.Level.DEBUG, () -> selection.report() + "; " + plan);
        if (!StepTimeSource.isNeeded(options)) {
            Scheduler scheduler = SchedulerSetup.scheduler(options, plan);
            return new EngineCore(model, options, plan, selection, scheduler, System::nanoTime);
        }
        StepTimeSource times = StepTimeSource.find(model, selection.backend(), options, plan);
        Scheduler scheduler = SchedulerSetup.scheduler(options, plan, times.basis());
        BackendSelection reported =
                new BackendSelection(selection.backend(), selection.report() + "; " + times.report());
        return new EngineCore(model, options, plan, reported, scheduler, System::nanoTime);
    }

    /** Starts the engine's thread. */
    public void start() {
        thread.start();
    }

    /** Leaves a request in the inbox; see {@link dev.pillion.Engine#submit}. */
    public Generation submit(GenerationRequest request) {
        refuseIfEnded();
        ActiveRequest active = create(request);
        if (!open.tryQueue(options.queueCapacity())) {
            telemetry.refusedQueueFull();
            throw new PillionException(
                    PillionException.Code.QUEUE_FULL,
                    "all " + options.queueCapacity() + " places of the queue are taken; try again later");
        }
        return enqueue(active);
    }

    /** As {@link #submit} for a caller that bounds itself how many of its requests wait. */
    StreamedGeneration submitUnbounded(GenerationRequest request) {
        refuseIfEnded();
        ActiveRequest active = create(request);
        open.queue();
        return enqueue(active);
    }

    private ActiveRequest create(GenerationRequest request) {
        try {
            return requests.create(request, this::cancel);
        } catch (RuntimeException e) {
            telemetry.refusedBadRequest();
            throw e;
        }
    }

    private StreamedGeneration enqueue(ActiveRequest request) {
        telemetry.submitted();
        post(new Command.Submit(request));
        return request.generation;
    }

    /** See {@link dev.pillion.Engine#generateAll}. */
    public void generateAll(List<GenerationRequest> all, BatchListener listener) {
        refuseIfEnded();
        new OfflineRun(this, all, 2 * options.maxSequences()).run(listener, plan.kvBlockTokens());
    }

    /** Token ids of a request's prompt. */
    int[] encode(GenerationRequest request) {
        return requests.promptTokens(request.prompt());
    }

    /** See {@link dev.pillion.Engine#logits}. */
    public float[][] logits(int[] tokens, boolean all) {
        try {
            return submitLogits(tokens.clone(), all).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /** As {@link #logits} without waiting; the array is the engine's from here on. */
    CompletableFuture<float[][]> submitLogits(int[] tokens, boolean all) {
        refuseIfEnded();
        requests.checkTokens(tokens);
        int chunk = all ? Math.min(options.chunkTokens(), MemoryPlanner.logitRows(options)) : options.chunkTokens();
        LogitsJob job = new LogitsJob(tokens, all, chunk, new CompletableFuture<>());
        post(new Command.Compute(job));
        return job.result();
    }

    /** The startup line. */
    public String backendReport() {
        return report;
    }

    /** What was allocated. */
    public MemoryPlan memoryPlan() {
        return plan;
    }

    /** See {@link dev.pillion.Engine#metrics}. */
    public EngineMetrics metrics() {
        return telemetry.metrics();
    }

    /** Whether the loop works. */
    public EngineHealth health() {
        Optional<String> failure = end.filter(why -> why.code() == PillionException.Code.ENGINE_FAILED)
                .map(PillionException::getMessage);
        EngineHealth.State state;
        if (failure.isPresent()) {
            state = EngineHealth.State.FAILED;
        } else if (closing) {
            state = EngineHealth.State.CLOSED;
        } else {
            state = running > 0 || open.waiting() > 0 ? EngineHealth.State.RUNNING : EngineHealth.State.IDLE;
        }
        long now = clock.getAsLong();
        Duration age = Duration.ofNanos(Math.min(now - lastStepNanos, now - busySinceNanos));
        return new EngineHealth(state, age, open.waiting(), running, failure);
    }

    /** What decides who runs; its state belongs to the engine thread. */
    Scheduler scheduler() {
        return scheduler;
    }

    /** The plan in flight, of two the older one; engine thread only. */
    BatchPlan runningPlan() {
        return execution.runningPlan();
    }

    /** Requests taken from the inbox whose callers wait; engine thread only. */
    int openRequests() {
        return open.size();
    }

    /** Ends everything and frees the backend. Idempotent; whoever comes second waits until the first is through. */
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        synchronized (closeLock) {
            if (!closed) {
                closed = true;
                endAll(new PillionException(PillionException.Code.CLOSED, "the engine has been closed"));
                execution.giveUp();
                runner.backend().close();
            }
        }
    }

    private void cancel(ActiveRequest request) {
        post(new Command.Cancel(request));
    }

    /** A command that comes after the end is answered here; the loop no longer looks. */
    private void post(Command command) {
        if (running == 0 && open.waiting() <= 1 && inbox.isEmpty()) {
            busySinceNanos = clock.getAsLong();
        }
        inbox.add(command);
        LockSupport.unpark(thread);
        end.ifPresent(this::refuseInbox);
    }

    private void refuseIfEnded() {
        end.ifPresent(why -> {
            throw new PillionException(why.code(), String.valueOf(why.getMessage()), why);
        });
        if (closing) {
            throw new PillionException(PillionException.Code.CLOSED, "the engine has been closed");
        }
    }

    /** Steps until the engine is closed or fails; the engine thread's body. */
    void loop() {
        try {
            while (!closing) {
                if (!step() && inbox.isEmpty()) {
                    LockSupport.park(this);
                }
            }
            // Here and not in close: the device is told everything by this thread.
            execution.giveUp();
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "the engine failed and serves no more requests", e);
            endAll(new PillionException(PillionException.Code.ENGINE_FAILED, "the engine failed: " + e, e));
            execution.giveUp();
        }
    }

    /**
     * Takes what is in the inbox, starts a step if none runs, plans the next behind it if that can be, and waits for the
     * end of the first. Engine thread only.
     *
     * @return whether there was anything to do
     */
    boolean step() {
        boolean worked = takeCommands();
        boolean stepped = execution.isRunning();
        if (!stepped && execution.plan()) {
            stepped = true;
            running = scheduler.running();
            execution.start();
        }
        if (execution.isRunning()) {
            execution.startAhead(!jobs.isEmpty());
            if (execution.endStep()) {
                lastStepNanos = clock.getAsLong();
            }
        }
        running = scheduler.running();
        telemetry.turnEnded();
        return worked || stepped || scheduler.hasWork() || !jobs.isEmpty();
    }

    /** Takes what is in the inbox; engine thread only. */
    boolean takeCommands() {
        boolean any = computeJobs();
        for (Command command = inbox.poll(); command != null; command = inbox.poll()) {
            any = true;
            switch (command) {
                case Command.Submit submit -> accept(submit.request());
                case Command.Cancel cancel -> cancelNow(cancel.request());
                case Command.Compute compute -> jobs.add(compute.job());
            }
            computeJobs();
        }
        return any;
    }

    /** Computes the logits that were asked for, unless a step runs: then nothing is started behind it, and they come next. */
    private boolean computeJobs() {
        boolean any = false;
        while (!jobs.isEmpty() && !execution.isRunning()) {
            compute(jobs.remove());
            any = true;
        }
        return any;
    }

    private void compute(LogitsJob job) {
        running = scheduler.running() + 1;
        job.run(runner, scheduler.cache());
        if (!job.result().isCompletedExceptionally()) {
            lastStepNanos = clock.getAsLong();
        }
    }

    private void accept(ActiveRequest request) {
        open.add(request);
        Sequence sequence = request.samples.getFirst().sequence().orElseThrow();
        if (!(scheduler.submit(sequence) instanceof Admission.Accepted)) {
            throw new IllegalStateException("request " + request.id + " was refused though its size had been checked");
        }
    }

    private void cancelNow(ActiveRequest request) {
        if (request.isEnded()) {
            return;
        }
        sampling.abort(request);
        open.abandon(request);
        request.cancel(clock.getAsLong());
    }

    /**
     * Ends every request, open or still in the inbox; after this no caller waits. The scheduler is not asked and not
     * tidied: it may be what failed, and no step follows.
     */
    private void endAll(PillionException reason) {
        if (end.isEmpty()) {
            end = Optional.of(reason);
        }
        PillionException why = end.get();
        running = 0;
        open.abandonAll(request -> finish(request, why));
        jobs.forEach(job -> job.result().completeExceptionally(why));
        jobs.clear();
        refuseInbox(why);
        telemetry.closed();
    }

    /** Closing ends requests as cancelled, with what they have; a failure ends them with the failure. */
    private void finish(ActiveRequest request, PillionException why) {
        if (why.code() == PillionException.Code.CLOSED) {
            request.cancel(clock.getAsLong());
        } else {
            request.fail(why);
        }
    }

    private void refuseInbox(PillionException why) {
        for (Command command = inbox.poll(); command != null; command = inbox.poll()) {
            switch (command) {
                case Command.Submit submit -> {
                    open.leaveQueue();
                    finish(submit.request(), why);
                }
                case Command.Compute compute -> compute.job().result().completeExceptionally(why);
                case Command.Cancel ignored -> {}
            }
        }
    }
}
