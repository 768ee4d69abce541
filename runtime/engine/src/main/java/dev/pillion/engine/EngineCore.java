package dev.pillion.engine;

import dev.pillion.EngineHealth;
import dev.pillion.EngineOptions;
import dev.pillion.Generation;
import dev.pillion.GenerationRequest;
import dev.pillion.MemoryPlan;
import dev.pillion.PillionException;
import dev.pillion.memory.BlockPool;
import dev.pillion.memory.BlockTable;
import dev.pillion.model.Model;
import dev.pillion.sampling.SamplerScratch;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The engine loop. Callers put requests into an inbox; one thread takes them out and runs steps until the engine is closed
 * or fails. {@link #step} does one iteration and says whether there was work, so that a test can call it by hand.
 */
public final class EngineCore {
    private static final System.Logger LOG = System.getLogger(EngineCore.class.getName());

    private final EngineOptions options;
    private final MemoryPlan plan;
    private final String report;
    private final StepRunner runner;
    private final BlockPool pool;
    private final SamplerScratch scratch;
    private final RequestFactory requests;
    private final Queue<ActiveRequest> inbox = new ConcurrentLinkedQueue<>();
    private final Queue<LogitsJob> jobs = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final Deque<ActiveRequest> queue = new ArrayDeque<>();
    private final Thread thread = new Thread(this::loop, "pillion-engine");
    private volatile boolean closing;
    private volatile Optional<String> failure = Optional.empty();
    private volatile long lastStepNanos = System.nanoTime();
    private volatile int running;

    private record LogitsJob(int[] tokens, boolean all, CompletableFuture<float[][]> result) {}

    private EngineCore(Model model, EngineOptions options, MemoryPlan plan, BackendSelection selection) {
        this.options = options;
        this.plan = plan;
        this.report = selection.report();
        this.runner = new StepRunner(model, selection.backend(), options, plan);
        this.pool = new BlockPool(plan.kvBlocks());
        this.scratch = new SamplerScratch(model.description().vocabularySize());
        this.requests = new RequestFactory(model, plan);
        thread.setDaemon(true);
    }

    /** Chooses a backend and builds the engine; {@link #start} sets it going. */
    public static EngineCore open(Model model, EngineOptions options) {
        MemoryPlan plan = MemoryPlanner.plan(model.description(), model.tensors().values(), options);
        BackendSelection selection = BackendSelection.select(options);
        LOG.log(System.Logger.Level.DEBUG, () -> selection.report() + "; " + plan);
        try {
            return new EngineCore(model, options, plan, selection);
        } catch (RuntimeException | Error e) {
            selection.backend().close();
            throw e;
        }
    }

    /** Starts the engine's thread. */
    public void start() {
        thread.start();
    }

    /** Puts a request into the inbox; see {@link dev.pillion.Engine#submit}. */
    public Generation submit(GenerationRequest request) {
        refuseIfEnded();
        ActiveRequest active = requests.create(request);
        if (waiting.incrementAndGet() > options.queueCapacity()) {
            waiting.decrementAndGet();
            throw new PillionException(
                    PillionException.Code.QUEUE_FULL,
                    "all " + options.queueCapacity() + " places of the queue are taken; try again later");
        }
        inbox.add(active);
        wake();
        return active.generation();
    }

    /** See {@link dev.pillion.Engine#logits}. */
    public float[][] logits(int[] tokens, boolean all) {
        refuseIfEnded();
        requests.checkTokens(tokens);
        LogitsJob job = new LogitsJob(tokens.clone(), all, new CompletableFuture<>());
        jobs.add(job);
        wake();
        try {
            return job.result().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof PillionException p ? p : e;
        }
    }

    /** The startup line. */
    public String backendReport() {
        return report;
    }

    /** What was allocated. */
    public MemoryPlan memoryPlan() {
        return plan;
    }

    /** Whether the loop works. */
    public EngineHealth health() {
        EngineHealth.State state = failure.isPresent()
                ? EngineHealth.State.FAILED
                : closing ? EngineHealth.State.CLOSED : running > 0 ? EngineHealth.State.RUNNING : EngineHealth.State.IDLE;
        return new EngineHealth(
                state, Duration.ofNanos(System.nanoTime() - lastStepNanos), waiting.get(), running, failure);
    }

    /** Ends everything and frees the backend. */
    public void close() {
        closing = true;
        if (thread.isAlive()) {
            wake();
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
        }
        endAll(new PillionException(PillionException.Code.CLOSED, "the engine has been closed"));
        runner.backend().close();
    }

    private void wake() {
        LockSupport.unpark(thread);
    }

    private void loop() {
        try {
            while (!closing) {
                if (!step() && inbox.isEmpty() && jobs.isEmpty()) {
                    LockSupport.park(this);
                }
            }
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "the engine failed", e);
            failure = Optional.of(String.valueOf(e));
            endAll(new PillionException(PillionException.Code.ENGINE_FAILED, "the engine failed: " + e, e));
        }
    }

    private boolean step() {
        for (ActiveRequest request = inbox.poll(); request != null; request = inbox.poll()) {
            queue.add(request);
        }
        for (LogitsJob job = jobs.poll(); job != null; job = jobs.poll()) {
            compute(job);
        }
        ActiveRequest request = queue.poll();
        if (request == null) {
            return false;
        }
        waiting.decrementAndGet();
        running = 1;
        serve(request);
        running = 0;
        return true;
    }

    private void compute(LogitsJob job) {
        BlockTable table = new BlockTable(pool, options.kvBlockTokens(), job.tokens().length);
        table.tryGrow(job.tokens().length);
        float[][] rows = new float[job.all() ? job.tokens().length : 1][];
        int chunk = Math.min(options.chunkTokens(), job.all() ? MemoryPlanner.logitRows(options) : Integer.MAX_VALUE);
        for (int start = 0; start < job.tokens().length; start += chunk) {
            int length = Math.min(chunk, job.tokens().length - start);
            runner.batch().clear();
            runner.batch().beginGroup(0);
            runner.add(job.tokens(), start, length, table);
            boolean last = start + length == job.tokens().length;
            for (int i = 0; i < length; i++) {
                if (job.all() || last && i == length - 1) {
                    runner.batch().wantLogits(i);
                }
            }
            runner.run();
            for (int i = 0; i < runner.batch().logitCount(); i++) {
                rows[job.all() ? start + i : 0] = runner.logits(i).clone();
            }
        }
        table.release();
        job.result().complete(rows);
    }

    private void serve(ActiveRequest request) {
        for (ActiveSample sample : request.samples()) {
            int[] tokens = java.util.Arrays.copyOf(request.prompt, plan.contextTokens() + 1);
            BlockTable table = new BlockTable(pool, options.kvBlockTokens(), tokens.length);
            int known = request.prompt.length;
            int computed = 0;
            request.scheduled(System.nanoTime(), 0);
            while (!sample.isFinished()) {
                if (request.cancelRequested() || closing) {
                    sample.cancel();
                    break;
                }
                int length = Math.min(options.chunkTokens(), known - computed);
                table.tryGrow(computed + length);
                runner.batch().clear();
                runner.batch().beginGroup(0);
                runner.add(tokens, computed, length, table);
                computed += length;
                if (computed == known) {
                    runner.batch().wantLogits(length - 1);
                }
                runner.run();
                lastStepNanos = System.nanoTime();
                if (computed == known) {
                    request.producedToken(lastStepNanos);
                    ((StreamedGeneration) request.generation()).deliver(sample.next(runner.logits(0), scratch));
                    tokens[known++] = sample.lastToken();
                }
            }
            table.release();
        }
        ((StreamedGeneration) request.generation()).finish(request.result(System.nanoTime()));
    }

    private void endAll(PillionException reason) {
        for (LogitsJob job = jobs.poll(); job != null; job = jobs.poll()) {
            job.result().completeExceptionally(reason);
        }
        queue.addAll(inbox);
        for (ActiveRequest request : queue) {
            ((StreamedGeneration) request.generation()).fail(reason);
        }
    }

    private void refuseIfEnded() {
        failure.ifPresent(why -> {
            throw new PillionException(PillionException.Code.ENGINE_FAILED, "the engine failed: " + why);
        });
        if (closing) {
            throw new PillionException(PillionException.Code.CLOSED, "the engine has been closed");
        }
    }
}
