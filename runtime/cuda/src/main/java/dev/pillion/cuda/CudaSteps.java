package dev.pillion.cuda;

import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.GpuException;
import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.DeviceLostException;
import dev.pillion.spi.KvPool;
import dev.pillion.spi.OperationCounters;
import dev.pillion.spi.StepBatch;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The steps under way. The one that is put together, from {@link #begin} to {@link #submit}: its numbers are copied to the
 * device, and of each operation is decided whether it goes to the stream or is in a graph already. And those that run, two
 * at most: {@link #await} waits for the older one. What goes wrong on the device shows there.
 *
 * <p>All work is on one stream, so the device runs steps in order and a step may use what the one before leaves on the
 * device. What the host writes for a step, and reads of it, is kept twice.
 */
final class CudaSteps {
    private static final System.Logger LOG = System.getLogger(CudaSteps.class.getName());

    private final CudaDevice device;
    private final GpuContext context;
    private final SubmittedStep[] turns;
    private final long drained;
    private final boolean useGraphs;
    private final DecodeGraphs graphs;
    private final StepWatch watch;
    private final OperationCounters counters;
    private @Nullable PreparedSteps prepared;
    private @Nullable CudaStep step;
    /** Steps that were submitted and not yet waited for; the newest is the one before {@link #turn}. */
    private int submitted;

    private int turn;
    private Optional<CudaSampling> sampling = Optional.empty();

    /**
     * Steps on a device.
     *
     * @param counters what the backend counted, for reports
     */
    CudaSteps(CudaDevice device, CudaOptions options, OperationCounters counters) {
        this.device = device;
        this.context = device.context();
        this.turns = new SubmittedStep[] {new SubmittedStep(context), new SubmittedStep(context)};
        this.drained = context.createEvent();
        this.useGraphs = options.graphs();
        this.graphs = new DecodeGraphs(context, device.stream());
        this.watch = new StepWatch(options.stepLimit(), System::nanoTime);
        this.counters = counters;
    }

    /** Makes room for steps over a batch object and a pool. */
    void prepare(StepBatch batch, CudaKvPool pool, List<AttentionSpec> layers) {
        prepared = device.building(
                "room for steps",
                () -> PreparedSteps.of(
                        context,
                        device.kernels(),
                        device.memory(),
                        device.compute(),
                        batch,
                        pool,
                        layers,
                        useGraphs,
                        device.stream()));
    }

    /** Makes each step take its rows of sampling to the device. */
    void sampleWith(CudaSampling added) {
        sampling = Optional.of(added);
    }

    /** Begins a step: plans its attention, starts the copy of its numbers. */
    void begin(StepBatch batch, KvPool cache) {
        requireNoStep();
        if (submitted == turns.length) {
            throw new IllegalStateException(submitted + " steps run; wait for the older one first");
        }
        if (prepared == null || !prepared.step().isFor(batch, cache)) {
            throw new IllegalStateException("prepare was not called for this batch and pool");
        }
        step = prepared.step();
        boolean begun = false;
        try {
            begin(prepared, prepared.step());
            begun = true;
        } finally {
            if (!begun) {
                abandon();
            }
        }
    }

    private void begin(PreparedSteps room, CudaStep now) {
        room.begin();
        turns[turn].operations().clear();
        long flavour = room.flavour() << 3;
        if (sampling.isPresent()) {
            sampling.get().upload(now.padded(now.batch().logitCount()));
            flavour |= sampling.get().flavour();
        }
        takeTokens(now.batch());
        graphs.begin(now.bucket(), flavour);
    }

    /** Before the graph begins: which rows of the step before the tokens come from differs from step to step. */
    private void takeTokens(StepBatch batch) {
        if (batch.takenCount() > 0) {
            CudaSampling sampler = sampling.orElseThrow(
                    () -> new IllegalStateException("no step before has sampled tokens on the device"));
            prepared().metadata().takeTokens(batch, sampler.deviceTokens(), device.stream());
        }
    }

    /** Notes an operation and says whether it is to be put on the stream; otherwise it is in the graph that will run. */
    boolean enqueue(OperationLog.Kind kind, long first, long second, long third) {
        current();
        turns[turn].operations().add(kind, first, second, third);
        return graphs.enqueues();
    }

    /** Whether the step under way runs without a graph, be it because it is the first of its size. */
    boolean isDirect() {
        return graphs.isDirect();
    }

    /** The step under way. */
    CudaStep current() {
        device.requireWorking();
        if (step == null) {
            throw new IllegalStateException("operations run between begin and finish");
        }
        return step;
    }

    /** What steps share. */
    PreparedSteps prepared() {
        if (prepared == null) {
            throw new IllegalStateException("prepare was not called");
        }
        return prepared;
    }

    /** Between the operations of steps only. */
    void requireNoStep() {
        device.requireWorking();
        if (step != null) {
            throw new IllegalStateException("the previous step is neither finished nor submitted");
        }
    }

    /** As {@link #submit} and {@link #await}. */
    void finish() {
        submit();
        await();
    }

    /**
     * Starts the step's graph, if it has one, and marks the end.
     *
     * @throws DeviceLostException if the context is lost
     */
    void submit() {
        SubmittedStep now = turns[turn];
        now.begin(current());
        try {
            graphs.end(now.operations().fold());
            sampling.ifPresent(CudaSampling::fetch);
            context.recordEvent(now.end(), device.stream());
        } catch (GpuException e) {
            throw e.sticky() ? lost(now, e) : e;
        }
        prepared().metadata().submitted();
        sampling.ifPresent(CudaSampling::submitted);
        turn = 1 - turn;
        submitted++;
        step = null;
    }

    /**
     * Waits for the older of the steps submitted.
     *
     * @throws DeviceLostException if the context is lost or the step does not end in time
     */
    void await() {
        device.requireWorking();
        if (submitted == 0) {
            throw new IllegalStateException("no step was submitted");
        }
        SubmittedStep older = turns[submitted == 1 ? 1 - turn : turn];
        try {
            if (!watch.await(context, older.end())) {
                throw hung(older);
            }
        } catch (GpuException e) {
            throw e.sticky() ? lost(older, e) : e;
        }
        submitted--;
        if (sampling.isPresent()) {
            sampling.get().over(submitted > 0);
        }
    }

    private DeviceLostException hung(SubmittedStep now) {
        device.hang();
        return new DeviceLostException("a step did not end within " + watch.limit().toSeconds() + " s on "
                + device.place() + ": " + dump(now) + ". The device is given up; restart to use it again");
    }

    private DeviceLostException lost(SubmittedStep now, GpuException cause) {
        device.lose(cause);
        return new DeviceLostException(device.place() + " failed: " + cause.getMessage() + "; " + dump(now), cause);
    }

    private String dump(SubmittedStep now) {
        return now + "; operations: " + now.operations() + "; " + counters.operations + " operations since the start, "
                + Bytes.text(device.memory().bytes()) + " of device memory taken";
    }

    /** Gives up the newest step: the one that is put together, or else the one submitted last. */
    void abandon() {
        if (step == null && submitted > 0) {
            submitted--;
            turn = 1 - turn;
            sampling.ifPresent(CudaSampling::withdrawn);
        }
        step = null;
        if (!device.isWorking()) {
            return;
        }
        try {
            graphs.abandon();
            // What was put on the stream may still run; the next step must not change what it reads.
            context.recordEvent(drained, device.stream());
            if (!watch.await(context, drained)) {
                device.hang();
            }
        } catch (GpuException e) {
            device.lose(e);
            LOG.log(System.Logger.Level.DEBUG, device.place() + " is lost", e);
        }
    }

    /** Destroys the graphs; the device works and no step is under way. */
    void close() {
        graphs.close();
        context.destroyEvent(drained);
        for (SubmittedStep each : turns) {
            context.destroyEvent(each.end());
        }
    }
}
