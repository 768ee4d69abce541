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
 * The step under way, from {@link #begin} to {@link #finish}: copies its numbers to the device, decides for each operation
 * whether it goes to the stream or is in a graph already, waits for the end. What goes wrong on the device shows in
 * {@code finish}.
 */
final class CudaSteps {
    private static final System.Logger LOG = System.getLogger(CudaSteps.class.getName());

    private final CudaDevice device;
    private final GpuContext context;
    private final long end;
    private final boolean useGraphs;
    private final DecodeGraphs graphs;
    private final StepWatch watch;
    private final OperationCounters counters;
    private final OperationLog log = new OperationLog();
    private @Nullable PreparedSteps prepared;
    private @Nullable CudaStep step;
    private boolean submitted;
    private Optional<CudaSampling> sampling = Optional.empty();

    /**
     * Steps on a device.
     *
     * @param counters what the backend counted, for reports
     */
    CudaSteps(CudaDevice device, CudaOptions options, OperationCounters counters) {
        this.device = device;
        this.context = device.context();
        this.end = context.createEvent();
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
        if (prepared == null || !prepared.step().isFor(batch, cache)) {
            throw new IllegalStateException("prepare was not called for this batch and pool");
        }
        prepared.begin();
        log.clear();
        submitted = false;
        step = prepared.step();
        long flavour = prepared.flavour() << 3;
        if (sampling.isPresent()) {
            sampling.get().upload(step.padded(batch.logitCount()));
            flavour |= sampling.get().flavour();
        }
        graphs.begin(step.bucket(), flavour);
    }

    /** Notes an operation and says whether it is to be put on the stream; otherwise it is in the graph that will run. */
    boolean enqueue(OperationLog.Kind kind, long first, long second, long third) {
        current();
        log.add(kind, first, second, third);
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

    /** Between steps only. */
    void requireNoStep() {
        device.requireWorking();
        if (step != null) {
            throw new IllegalStateException("the previous step is not finished");
        }
    }

    /** Starts the step's graph, if it has one; no operations follow. */
    void submit() {
        CudaStep now = current();
        if (submitted) {
            return;
        }
        try {
            graphs.end(log.fold());
            context.recordEvent(end, device.stream());
            submitted = true;
        } catch (GpuException e) {
            throw e.sticky() ? lost(now, e) : e;
        }
    }

    /**
     * Waits for the end of the step.
     *
     * @throws DeviceLostException if the context is lost or the step does not end in time
     */
    void finish() {
        submit();
        CudaStep now = current();
        try {
            if (!watch.await(context, end)) {
                throw hung(now);
            }
        } catch (GpuException e) {
            throw e.sticky() ? lost(now, e) : e;
        }
        step = null;
    }

    private DeviceLostException hung(CudaStep now) {
        device.hang();
        return new DeviceLostException("a step did not end within " + watch.limit().toSeconds() + " s on "
                + device.place() + ": " + dump(now) + ". The device is given up; restart to use it again");
    }

    private DeviceLostException lost(CudaStep now, GpuException cause) {
        device.lose(cause);
        return new DeviceLostException(device.place() + " failed: " + cause.getMessage() + "; " + dump(now), cause);
    }

    private String dump(CudaStep now) {
        StepBatch batch = now.batch();
        int last = 0;
        for (int t = 0; t < batch.tokenCount(); t++) {
            last = Math.max(last, batch.positions[t]);
        }
        return batch.tokenCount() + " tokens in " + batch.segmentCount() + " segments and " + batch.groupCount()
                + " groups, " + batch.logitCount() + " rows of logits, highest position " + last + ", "
                + (now.bucket() > 0 ? "graph of " + now.bucket() + " decodes" : "no graph") + "; operations: " + log
                + "; " + counters.operations + " operations since the start, " + Bytes.text(device.memory().bytes())
                + " of device memory taken";
    }

    /** Ends a step that failed half way. */
    void abandon() {
        step = null;
        if (!device.isWorking()) {
            return;
        }
        try {
            graphs.abandon();
            // What was put on the stream may still run; the next step must not change what it reads.
            context.recordEvent(end, device.stream());
            if (!watch.await(context, end)) {
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
        context.destroyEvent(end);
    }
}
