package dev.pillion.cuda;

import dev.pillion.kernels.SampleGeometry;
import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.GpuDeviceInfo;
import dev.pillion.kernels.driver.GpuDriver;
import dev.pillion.kernels.driver.GpuException;
import dev.pillion.model.Tensor;
import dev.pillion.spi.Activation;
import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.Backend;
import dev.pillion.spi.BackendOptions;
import dev.pillion.spi.BackendUnavailableException;
import dev.pillion.spi.DeviceLostException;
import dev.pillion.spi.DeviceMemoryException;
import dev.pillion.spi.DeviceProfile;
import dev.pillion.spi.DeviceSampling;
import dev.pillion.spi.DeviceTensor;
import dev.pillion.spi.KvLayout;
import dev.pillion.spi.KvPool;
import dev.pillion.spi.OperationCounters;
import dev.pillion.spi.Rope;
import dev.pillion.spi.StepBatch;
import dev.pillion.spi.Weight;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The operations of the forward pass on an NVIDIA GPU, or on the virtual one. Operations are put on one stream and
 * {@link #finish} waits for them; a step of decodes is recorded once per size and then runs as one graph.
 *
 * <p>What goes wrong on the device shows in {@code finish}. A context that is lost, or a step that does not end, is a
 * {@link DeviceLostException}: the engine fails, the JVM lives, and other engines have contexts of their own.
 */
final class CudaBackend implements Backend {
    static final String NAME = "cuda";

    private static final System.Logger LOG = System.getLogger(CudaBackend.class.getName());

    /** What the driver needs beside our own allocations: compiled kernels, their local memory, graphs. */
    private static final long RESERVE_BYTES = 256L << 20;

    private static final double USABLE_SHARE = 0.92;
    /** The driver's number for a failed allocation. */
    private static final int OUT_OF_MEMORY = 2;

    private final GpuContext context;
    private final CudaOptions options;
    private final ComputeType compute;
    private final String driver;
    private final long stream;
    private final long stepEnd;
    private final DeviceMemory memory;
    private final KernelCache kernels;
    private final RowKernels rows;
    private final LinearKernels linear;
    private final DecodeGraphs graphs;
    private final StepWatch watch;
    private final OperationLog log = new OperationLog();
    private final OperationCounters counters = new OperationCounters();
    private @Nullable WeightUpload upload;
    private @Nullable PreparedSteps prepared;
    private @Nullable CudaStep step;
    private @Nullable CudaSampling sampling;
    private @Nullable MemorySegment downloaded;
    private boolean lost;
    private boolean hung;
    private boolean closed;

    private CudaBackend(GpuContext context, String driver, CudaOptions options) {
        this.context = context;
        this.driver = driver;
        this.options = options;
        this.compute = options.compute();
        this.stream = context.createStream();
        this.stepEnd = context.createEvent();
        this.memory = new DeviceMemory(context);
        this.kernels = new KernelCache(context);
        this.rows = new RowKernels(context, kernels, compute, memory, stream);
        this.linear = new LinearKernels(context, kernels, options, memory, stream);
        this.graphs = new DecodeGraphs(context, stream);
        this.watch = new StepWatch(options.stepLimit(), System::nanoTime);
    }

    /** Opens the device a user asked for. The driver is closed here; the context outlives it. */
    static CudaBackend open(GpuDriver driver, BackendOptions options) {
        try (driver) {
            return open(driver, options.device(), CudaOptions.of(options));
        } catch (GpuException e) {
            throw new BackendUnavailableException(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Opens a device.
     *
     * @param driver the driver; stays the caller's
     * @param ordinal which of its devices
     */
    static CudaBackend open(GpuDriver driver, int ordinal, CudaOptions options) {
        GpuContext context = driver.createContext(ordinal);
        boolean opened = false;
        try {
            CudaBackend backend = new CudaBackend(context, driver.description(), options);
            opened = true;
            return backend;
        } finally {
            if (!opened) {
                context.close();
            }
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        GpuDeviceInfo device = context.device();
        return String.format(
                Locale.ROOT,
                "GPU %d %s, compute capability %d.%d, %.1f GiB, %s activations, %s, %s",
                device.ordinal(),
                device.name(),
                device.computeMajor(),
                device.computeMinor(),
                device.totalMemoryBytes() / (double) (1L << 30),
                compute,
                linear.description(),
                driver);
    }

    @Override
    public DeviceProfile profile() {
        long free = (long) (context.memory().free() * USABLE_SHARE) - RESERVE_BYTES;
        return new DeviceProfile(List.of(compute.tensorType()), compute.bytes(), Math.max(0, free), true);
    }

    @Override
    public Weight weight(Tensor tensor) {
        return building("weight " + tensor.name(), () -> {
            if (upload == null) {
                upload = new WeightUpload(context, memory, kernels);
            }
            CudaWeight weight = upload.upload(tensor);
            if (!weight.vector()) {
                linear.reserve(weight);
            }
            return weight;
        });
    }

    /** What goes wrong while an engine is built ends in one of the two exceptions that the engine knows. */
    private <R> R building(String what, Supplier<R> action) {
        try {
            return action.get();
        } catch (GpuException e) {
            if (e.result() != OUT_OF_MEMORY) {
                throw new DeviceLostException(what + " on " + place() + ": " + e.getMessage(), e);
            }
            throw new DeviceMemoryException(
                    what + " does not fit " + place() + ", where " + memory.bytes() + " bytes are taken: "
                            + e.getMessage() + ". Use a smaller or more tightly packed model, a smaller KV cache "
                            + "(kvBytes, --kv-bytes) or shorter steps (chunkTokens, --chunk-tokens)",
                    e);
        }
    }

    private String place() {
        return "GPU " + context.device().ordinal();
    }

    @Override
    public void finishLoading() {
        building("uploading weights", () -> {
            closeUpload();
            return true;
        });
    }

    private void closeUpload() {
        if (upload != null) {
            upload.finish();
            upload.close();
            upload = null;
        }
    }

    @Override
    public DeviceTensor allocate(int rowCapacity, int columns) {
        return allocate(rowCapacity, columns, compute.bytes());
    }

    @Override
    public DeviceTensor allocateLogits(int rowCapacity, int columns) {
        if (downloaded == null || downloaded.byteSize() < (long) columns * Float.BYTES) {
            downloaded = building("a row of logits", () -> memory.allocateHost((long) columns * Float.BYTES));
        }
        return allocate(rowCapacity, columns, Float.BYTES);
    }

    private DeviceTensor allocate(int rowCapacity, int columns, int elementBytes) {
        long bytes = (long) rowCapacity * columns * elementBytes;
        long address = building("activations", () -> memory.allocate(bytes));
        return new CudaTensor(address, rowCapacity, columns, elementBytes);
    }

    @Override
    public KvPool allocateKvPool(KvLayout layout, int blocks, KvPool.Tier tier) {
        if (layout.type() != compute.tensorType()) {
            throw new IllegalArgumentException(
                    "keys and values are kept as " + compute.tensorType() + " here, not as " + layout.type());
        }
        long bytes = layout.bytesPerBlock() * blocks;
        return building("the KV cache", () -> switch (tier) {
            case DEVICE -> new CudaKvPool(layout, blocks, tier, memory.allocate(bytes), MemorySegment.NULL);
            case HOST -> new CudaKvPool(layout, blocks, tier, 0, memory.allocateHost(bytes));
        });
    }

    @Override
    public void prepare(StepBatch batch, KvPool cache, List<AttentionSpec> layers) {
        CudaKvPool pool = (CudaKvPool) cache;
        prepared = building(
                "room for steps",
                () -> PreparedSteps.of(context, kernels, memory, compute, batch, pool, layers, options.graphs(), stream));
    }

    @Override
    public void begin(StepBatch batch, KvPool cache) {
        requireOpen();
        if (step != null) {
            throw new IllegalStateException("the previous step is not finished");
        }
        if (prepared == null || !prepared.step().isFor(batch, cache)) {
            throw new IllegalStateException("prepare was not called for this batch and pool");
        }
        prepared.begin();
        log.clear();
        step = prepared.step();
        if (sampling != null) {
            sampling.upload(step.padded(batch.logitCount()));
        }
        graphs.begin(step.bucket(), prepared.flavour() << 3 | (sampling == null ? 0 : sampling.flavour()));
    }

    @Override
    public void embed(Weight table, DeviceTensor out) {
        CudaStep now = current();
        CudaWeight weight = (CudaWeight) table;
        CudaTensor target = (CudaTensor) out;
        target.require("embed out", now.tokens(), weight.columns());
        if (enqueue(OperationLog.Kind.EMBED, weight.main(), target.address(), 0)) {
            rows.embed(weight, metadata().tokens(), target, now.padded(now.tokens()));
        }
        count(0, now.tokens() * weight.bytes() / weight.rows());
    }

    @Override
    public void rmsNorm(DeviceTensor x, Weight gain, float epsilon, DeviceTensor out, int rowCount) {
        CudaTensor source = (CudaTensor) x;
        CudaTensor target = (CudaTensor) out;
        CudaWeight vector = gain(gain, source.columns());
        source.require("norm x", rowCount, source.columns());
        target.require("norm out", rowCount, source.columns());
        if (enqueue(OperationLog.Kind.NORM, source.address(), vector.main(), target.address())) {
            rows.rmsNorm(source, vector, epsilon, target, current().padded(rowCount));
        }
        count(0, gain.bytes());
    }

    @Override
    public void addRmsNorm(DeviceTensor residual, DeviceTensor delta, Weight gain, float epsilon, DeviceTensor out) {
        CudaStep now = current();
        CudaTensor sum = (CudaTensor) residual;
        CudaTensor change = (CudaTensor) delta;
        CudaTensor target = (CudaTensor) out;
        CudaWeight vector = gain(gain, sum.columns());
        change.require("addRmsNorm delta", now.tokens(), sum.columns());
        target.require("addRmsNorm out", now.tokens(), sum.columns());
        if (enqueue(OperationLog.Kind.ADD_NORM, sum.address(), vector.main(), target.address())) {
            rows.addRmsNorm(sum, change, vector, epsilon, target, now.padded(now.tokens()));
        }
        count(0, gain.bytes());
    }

    @Override
    public void add(DeviceTensor residual, DeviceTensor delta) {
        CudaStep now = current();
        CudaTensor sum = (CudaTensor) residual;
        CudaTensor change = (CudaTensor) delta;
        change.require("add delta", now.tokens(), sum.columns());
        if (enqueue(OperationLog.Kind.ADD, sum.address(), change.address(), 0)) {
            rows.add(sum, change, now.padded(now.tokens()));
        }
        count(0, 0);
    }

    @Override
    public void linear(DeviceTensor in, Weight w, @Nullable Weight bias, DeviceTensor out, int rowCount) {
        CudaTensor source = (CudaTensor) in;
        CudaTensor target = (CudaTensor) out;
        CudaWeight weight = (CudaWeight) w;
        CudaWeight offsets = bias == null ? null : gain(bias, weight.rows());
        source.require("linear in", rowCount, weight.columns());
        target.require("linear out", rowCount, weight.rows());
        if (enqueue(OperationLog.Kind.LINEAR, source.address(), weight.main(), target.address())) {
            linear.run(source, weight, offsets, target, current().padded(rowCount));
        }
        count(2L * weight.rows() * weight.columns() * rowCount, weight.bytes() + (bias == null ? 0 : bias.bytes()));
    }

    @Override
    public void headNorm(DeviceTensor x, int heads, Weight gain, float epsilon) {
        CudaStep now = current();
        CudaTensor tensor = (CudaTensor) x;
        CudaWeight vector = gain(gain, tensor.columns() / heads);
        if (enqueue(OperationLog.Kind.HEAD_NORM, tensor.address(), vector.main(), heads)) {
            rows.headNorm(tensor, heads, vector, epsilon, now.padded(now.tokens()));
        }
        count(0, gain.bytes());
    }

    @Override
    public void ropeAndWriteKv(DeviceTensor q, DeviceTensor k, DeviceTensor v, Rope rope, AttentionSpec spec) {
        CudaStep now = current();
        CudaTensor queries = (CudaTensor) q;
        CudaTensor keys = (CudaTensor) k;
        CudaTensor values = (CudaTensor) v;
        queries.require("rope q", now.tokens(), spec.heads() * spec.headDim());
        keys.require("rope k", now.tokens(), spec.kvHeads() * spec.headDim());
        values.require("rope v", now.tokens(), spec.kvHeads() * spec.headDim());
        if (enqueue(OperationLog.Kind.ROPE, queries.address(), keys.address(), spec.layer())) {
            rows.ropeAndWriteKv(queries, keys, values, rope, spec, now, metadata());
        }
        count(0, 0);
        counters.kvWriteBytes += now.tokens() * layerBytesPerToken(spec);
    }

    @Override
    public void attention(DeviceTensor q, AttentionSpec spec, DeviceTensor out) {
        CudaStep now = current();
        CudaTensor queries = (CudaTensor) q;
        CudaTensor target = (CudaTensor) out;
        queries.require("attention q", now.tokens(), spec.heads() * spec.headDim());
        target.require("attention out", now.tokens(), queries.columns());
        long plan = prepared().flavour() + spec.layer();
        if (enqueue(OperationLog.Kind.ATTENTION, queries.address(), target.address(), plan)) {
            prepared().attention(queries, spec, target);
        }
        count(4L * spec.heads() * spec.headDim() * now.visibleTokens(spec), 0);
        counters.kvReadBytes += now.tokensRead(spec) * layerBytesPerToken(spec);
    }

    private long layerBytesPerToken(AttentionSpec spec) {
        return 2L * spec.kvHeads() * spec.headDim() * compute.bytes();
    }

    @Override
    public void gatedActivation(Activation activation, DeviceTensor gate, DeviceTensor up, DeviceTensor out) {
        CudaStep now = current();
        CudaTensor x = (CudaTensor) gate;
        CudaTensor factor = (CudaTensor) up;
        CudaTensor target = (CudaTensor) out;
        factor.require("gatedActivation up", now.tokens(), x.columns());
        target.require("gatedActivation out", now.tokens(), x.columns());
        if (enqueue(OperationLog.Kind.GATE, x.address(), factor.address(), target.address())) {
            rows.gate(activation, x, factor, target, now.padded(now.tokens()));
        }
        count(0, 0);
    }

    @Override
    public void gatherLogitRows(DeviceTensor in, DeviceTensor out) {
        CudaStep now = current();
        CudaTensor source = (CudaTensor) in;
        CudaTensor target = (CudaTensor) out;
        int logits = now.batch().logitCount();
        target.require("gatherLogitRows out", logits, source.columns());
        if (enqueue(OperationLog.Kind.GATHER, source.address(), target.address(), 0)) {
            rows.gather(source, metadata().logitRows(), target, now.padded(logits));
        }
        count(0, 0);
    }

    @Override
    public Optional<DeviceSampling> sampling(int rowCapacity, int vocabularySize, int adjustmentCapacity) {
        if (vocabularySize > SampleGeometry.MAX_VOCABULARY) {
            return Optional.empty();
        }
        CudaSampling created = building(
                "room for sampling",
                () -> new CudaSampling(
                        context, kernels, memory, stream, rowCapacity, vocabularySize, adjustmentCapacity, this::sample));
        sampling = created;
        return Optional.of(created);
    }

    private void sample(DeviceTensor logits) {
        CudaStep now = current();
        CudaTensor tensor = (CudaTensor) logits;
        int rowCount = now.padded(now.batch().logitCount());
        if (sampling != null && enqueue(OperationLog.Kind.SAMPLE, tensor.address(), 0, 0)) {
            sampling.enqueue(tensor, rowCount);
        }
    }

    @Override
    public void copyBlock(KvPool from, int fromBlock, KvPool to, int toBlock) {
        requireOpen();
        if (step != null) {
            throw new IllegalStateException("blocks are copied before a step begins");
        }
        if (!from.layout().equals(to.layout())) {
            throw new IllegalArgumentException(
                    "cannot copy a block of " + from.layout() + " to a pool of " + to.layout());
        }
        BlockCopy.enqueue(context, (CudaKvPool) from, fromBlock, (CudaKvPool) to, toBlock, stream);
        count(0, 0);
    }

    @Override
    public void finish() {
        CudaStep now = current();
        try {
            graphs.end(log.fold());
            context.recordEvent(stepEnd, stream);
            if (!watch.await(context, stepEnd)) {
                throw hung(now);
            }
        } catch (GpuException e) {
            throw e.sticky() ? lostContext(now, e) : e;
        }
        step = null;
    }

    private DeviceLostException hung(CudaStep now) {
        lost = true;
        hung = true;
        return new DeviceLostException("a step did not end within " + watch.limit().toSeconds() + " s on " + place() + ": " + dump(now) + ". The device is given up; restart to use it again");
    }

    private DeviceLostException lostContext(CudaStep now, GpuException cause) {
        lost = true;
        return new DeviceLostException(place() + " failed: " + cause.getMessage() + "; "
                + dump(now), cause);
    }

    private String dump(CudaStep now) {
        StepBatch batch = now.batch();
        return batch.tokenCount() + " tokens in " + batch.segmentCount() + " segments, "
                + (now.bucket() > 0 ? "graph of " + now.bucket() + " decodes" : "no graph") + ", operations: " + log
                + ", " + counters.operations + " operations since the start";
    }

    @Override
    public void abandon() {
        step = null;
        if (lost || closed) {
            return;
        }
        try {
            graphs.abandon();
            // What was put on the stream may still run; the next step must not change what it reads.
            context.recordEvent(stepEnd, stream);
            hung = !watch.await(context, stepEnd);
            lost = hung;
        } catch (GpuException e) {
            lost = true;
            LOG.log(System.Logger.Level.DEBUG, place() + " is lost", e);
        }
    }

    @Override
    public void download(DeviceTensor source, int row, float[] target, int offset) {
        requireOpen();
        CudaTensor tensor = (CudaTensor) source;
        tensor.require("download", row + 1, tensor.columns());
        if (tensor.elementBytes() != Float.BYTES || downloaded == null) {
            throw new IllegalArgumentException("only logits are downloaded");
        }
        MemorySegment landing = downloaded.asSlice(0, tensor.rowBytes());
        context.copyToHost(landing, tensor.row(row), stream);
        context.synchronize(stream);
        MemorySegment.copy(landing, ValueLayout.JAVA_FLOAT, 0, target, offset, tensor.columns());
    }

    @Override
    public OperationCounters counters() {
        return counters;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (hung) {
            context.abandon();
            return;
        }
        try {
            if (!lost) {
                free();
            }
        } catch (GpuException e) {
            // What was not freed goes with the context.
            LOG.log(System.Logger.Level.DEBUG, "closing " + place(), e);
        } finally {
            context.close();
        }
    }

    private void free() {
        closeUpload();
        graphs.close();
        linear.close();
        kernels.close();
        context.destroyEvent(stepEnd);
        context.destroyStream(stream);
        memory.close();
    }

    private boolean enqueue(OperationLog.Kind kind, long first, long second, long third) {
        current();
        log.add(kind, first, second, third);
        return graphs.enqueues();
    }

    private static CudaWeight gain(Weight weight, int length) {
        CudaWeight vector = (CudaWeight) weight;
        if (!vector.vector() || vector.columns() != length) {
            throw new IllegalArgumentException(
                    vector.name() + " has " + vector.columns() + " elements, " + length + " are needed");
        }
        return vector;
    }

    private PreparedSteps prepared() {
        if (prepared == null) {
            throw new IllegalStateException("prepare was not called");
        }
        return prepared;
    }

    private StepMetadata metadata() {
        return prepared().metadata();
    }

    private CudaStep current() {
        requireOpen();
        if (step == null) {
            throw new IllegalStateException("operations run between begin and finish");
        }
        return step;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the backend is closed");
        }
        if (lost) {
            throw new DeviceLostException(place() + " was lost in an earlier step");
        }
    }

    private void count(long flops, long weightBytes) {
        counters.operations++;
        counters.flops += flops;
        counters.weightBytes += weightBytes;
    }
}
