package dev.pillion.cuda;

import dev.pillion.kernels.driver.GpuDeviceInfo;
import dev.pillion.kernels.driver.GpuDriver;
import dev.pillion.kernels.driver.GpuException;
import dev.pillion.model.Tensor;
import dev.pillion.spi.Activation;
import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.Backend;
import dev.pillion.spi.BackendOptions;
import dev.pillion.spi.BackendUnavailableException;
import dev.pillion.spi.DeviceProfile;
import dev.pillion.spi.DeviceSampling;
import dev.pillion.spi.DeviceTelemetry;
import dev.pillion.spi.DeviceTensor;
import dev.pillion.spi.KvLayout;
import dev.pillion.spi.KvPool;
import dev.pillion.spi.OperationCounters;
import dev.pillion.spi.Rope;
import dev.pillion.spi.StepBatch;
import dev.pillion.spi.Weight;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The operations of the forward pass on an NVIDIA GPU, or on the virtual one. This class is the front door; behind it are
 * {@link CudaDevice} (the device and whether it still works), {@link CudaWeights} (loads weights), {@link CudaStorage}
 * (allocates activations and KV pools), {@link CudaSteps} (the steps under way) and {@link CudaOperations} (puts operations
 * on the stream).
 *
 * <p>What goes wrong on the device shows in {@code finish} or {@code await}. A context that is lost, or a step that does not
 * end, is a {@link dev.pillion.spi.DeviceLostException}: the engine fails, the JVM lives, and other engines have contexts of
 * their own.
 */
final class CudaBackend implements Backend {
    static final String NAME = "cuda";

    /** What the driver needs beside our own allocations: compiled kernels, their local memory, graphs. */
    private static final long RESERVE_BYTES = 256L << 20;

    private static final double USABLE_SHARE = 0.92;

    private final CudaDevice device;
    private final String driver;
    private final Optional<NvmlTelemetry> telemetry;
    private final LinearKernels linear;
    private final CudaWeights weights;
    private final CudaStorage storage;
    private final CudaSteps steps;
    private final CudaOperations operations;
    private final OperationCounters counters = new OperationCounters();

    private CudaBackend(CudaDevice device, String driver, Optional<NvmlTelemetry> telemetry, CudaOptions options) {
        this.device = device;
        this.driver = driver;
        this.telemetry = telemetry;
        this.linear = new LinearKernels(device.context(), device.kernels(), options, device.memory(), device.stream());
        RowKernels rows = new RowKernels(
                device.context(), device.kernels(), device.compute(), device.memory(), device.stream());
        this.weights = new CudaWeights(device, rows, linear);
        this.storage = new CudaStorage(device);
        this.steps = new CudaSteps(device, options, counters);
        this.operations = new CudaOperations(device, steps, rows, linear, counters);
    }

    /**
     * Opens the device a user asked for. The driver is closed here; the context outlives it.
     *
     * @param telemetry the gauges of a device
     */
    static CudaBackend open(
            GpuDriver driver, BackendOptions options, Function<GpuDeviceInfo, Optional<NvmlTelemetry>> telemetry) {
        try (driver) {
            return open(driver, options.device(), CudaOptions.of(options), telemetry);
        } catch (GpuException e) {
            throw new BackendUnavailableException(String.valueOf(e.getMessage()), e);
        }
    }

    private static CudaBackend open(
            GpuDriver driver,
            int ordinal,
            CudaOptions options,
            Function<GpuDeviceInfo, Optional<NvmlTelemetry>> telemetry) {
        CudaDevice device = CudaDevice.open(driver, ordinal, options.compute());
        boolean opened = false;
        try {
            Optional<NvmlTelemetry> gauges = telemetry.apply(device.context().device());
            CudaBackend backend = new CudaBackend(device, driver.description(), gauges, options);
            opened = true;
            return backend;
        } finally {
            if (!opened) {
                device.close(() -> {});
            }
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        GpuDeviceInfo info = device.context().device();
        return String.format(
                Locale.ROOT,
                "GPU %d %s, compute capability %d.%d, %.1f GiB, %s activations, %s, %s",
                info.ordinal(),
                info.name(),
                info.computeMajor(),
                info.computeMinor(),
                info.totalMemoryBytes() / (double) (1L << 30),
                device.compute(),
                linear.description(),
                driver);
    }

    @Override
    public DeviceProfile profile() {
        ComputeType compute = device.compute();
        long free = (long) (device.context().memory().free() * USABLE_SHARE) - RESERVE_BYTES;
        return new DeviceProfile(List.of(compute.tensorType()), compute.bytes(), Math.max(0, free), true);
    }

    @Override
    public Weight weight(Tensor tensor) {
        return weights.load(tensor);
    }

    @Override
    public void followLoading(LongConsumer arrivedBytes) {
        weights.follow(arrivedBytes);
    }

    @Override
    public void finishLoading() {
        weights.finish();
    }

    @Override
    public DeviceTensor allocate(int rowCapacity, int columns) {
        return storage.activations(rowCapacity, columns);
    }

    @Override
    public DeviceTensor allocateLogits(int rowCapacity, int columns) {
        return storage.logits(rowCapacity, columns);
    }

    @Override
    public KvPool allocateKvPool(KvLayout layout, int blocks, KvPool.Tier tier) {
        return storage.kvPool(layout, blocks, tier);
    }

    @Override
    public void prepare(StepBatch batch, KvPool cache, List<AttentionSpec> layers, Rope rope) {
        operations.prepare(rope);
        steps.prepare(batch, (CudaKvPool) cache, layers);
    }

    @Override
    public Optional<DeviceSampling> sampling(int rowCapacity, int vocabularySize, int adjustmentCapacity) {
        return operations.sampling(rowCapacity, vocabularySize, adjustmentCapacity);
    }

    @Override
    public void begin(StepBatch batch, KvPool cache) {
        steps.begin(batch, cache);
    }

    @Override
    public void embed(Weight table, DeviceTensor out) {
        operations.embed(table, out);
    }

    @Override
    public void rmsNorm(DeviceTensor x, Weight gain, float epsilon, DeviceTensor out, int rows) {
        operations.rmsNorm(x, gain, epsilon, out, rows);
    }

    @Override
    public void addRmsNorm(DeviceTensor residual, DeviceTensor delta, Weight gain, float epsilon, DeviceTensor out) {
        operations.addRmsNorm(residual, delta, gain, epsilon, out);
    }

    @Override
    public void add(DeviceTensor residual, DeviceTensor delta) {
        operations.add(residual, delta);
    }

    @Override
    public void linear(DeviceTensor in, Weight w, @Nullable Weight bias, DeviceTensor out, int rows) {
        operations.linear(in, w, bias, out, rows);
    }

    @Override
    public void headNorm(DeviceTensor x, int heads, Weight gain, float epsilon) {
        operations.headNorm(x, heads, gain, epsilon);
    }

    @Override
    public void ropeAndWriteKv(DeviceTensor q, DeviceTensor k, DeviceTensor v, Rope rope, AttentionSpec spec) {
        operations.ropeAndWriteKv(q, k, v, rope, spec);
    }

    @Override
    public void attention(DeviceTensor q, AttentionSpec spec, DeviceTensor out) {
        operations.attention(q, spec, out);
    }

    @Override
    public void gatedActivation(Activation activation, DeviceTensor gate, DeviceTensor up, DeviceTensor out) {
        operations.gatedActivation(activation, gate, up, out);
    }

    @Override
    public void gatherLogitRows(DeviceTensor in, DeviceTensor out) {
        operations.gatherLogitRows(in, out);
    }

    @Override
    public void finish() {
        steps.finish();
    }

    @Override
    public boolean overlaps() {
        return true;
    }

    @Override
    public void submit() {
        steps.submit();
    }

    @Override
    public void await() {
        steps.await();
    }

    @Override
    public void abandon() {
        steps.abandon();
    }

    @Override
    public void copyBlock(KvPool from, int fromBlock, KvPool to, int toBlock) {
        steps.requireNoStep();
        storage.copyBlock(from, fromBlock, to, toBlock);
        counters.operations++;
    }

    @Override
    public void download(DeviceTensor source, int row, float[] target, int offset) {
        storage.download(source, row, target, offset);
    }

    @Override
    public OperationCounters counters() {
        return counters;
    }

    @Override
    public DeviceTelemetry telemetry() {
        return telemetry.isPresent() ? telemetry.get() : DeviceTelemetry.NONE;
    }

    @Override
    public void close() {
        telemetry.ifPresent(NvmlTelemetry::close);
        device.close(() -> {
            weights.close();
            steps.close();
            linear.close();
        });
    }
}
