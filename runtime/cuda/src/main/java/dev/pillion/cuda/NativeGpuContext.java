package dev.pillion.cuda;

import dev.pillion.bindings.cuda.CudaDriver;
import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.GpuDeviceInfo;
import dev.pillion.kernels.driver.KernelLaunch;
import dev.pillion.kernels.driver.MatmulLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A context of the real driver. Underneath lies the device's primary context, which all users of the device in this process
 * share, so that their kernels can overlap and its few hundred MiB are spent once; what is allocated, loaded and created
 * through this object is its own and goes with it. It follows that an error which loses the context loses it for every engine
 * on the device; the driver makes a new one when all have closed theirs.
 *
 * <p>Calls of a step (launches, copies, events, waits) allocate nothing on the Java heap.
 */
final class NativeGpuContext implements GpuContext {
    private static final System.Logger LOG = System.getLogger(NativeGpuContext.class.getName());

    private final NativeGpuDriver driver;
    private final GpuDeviceInfo info;
    private final int device;
    private final ContextGuard guard;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment out = arena.allocate(16, 8);

    private final Handles deviceMemory = new Handles("device memory", CudaDriver::cuMemFree_v2);
    private final Handles streams =
            new Handles("stream", stream -> CudaDriver.cuStreamDestroy_v2(MemorySegment.ofAddress(stream)));
    private final Handles events =
            new Handles("event", event -> CudaDriver.cuEventDestroy_v2(MemorySegment.ofAddress(event)));
    private final PinnedMemory pinned = new PinnedMemory();
    private final PtxModules modules = new PtxModules();
    private final Graphs graphs = new Graphs();
    private @Nullable Optional<MatmulLibrary> matmul;

    private NativeGpuContext(NativeGpuDriver driver, GpuDeviceInfo info, int device, long context) {
        this.driver = driver;
        this.info = info;
        this.device = device;
        this.guard = new ContextGuard(info.ordinal(), context);
    }

    /** Retains the device's primary context. */
    static NativeGpuContext open(NativeGpuDriver driver, GpuDeviceInfo info) {
        int device = DeviceProperties.handle(info.ordinal());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
            CudaResult.check(
                    CudaDriver.cuDevicePrimaryCtxRetain(out, device), "opening a context on device " + info.ordinal());
            return new NativeGpuContext(driver, info, device, out.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    @Override
    public GpuDeviceInfo device() {
        return info;
    }

    @Override
    public MemoryInfo memory() {
        guard.enter();
        guard.check(CudaDriver.cuMemGetInfo_v2(out, out.asSlice(8)), "reading how much memory is free");
        return new MemoryInfo(out.get(ValueLayout.JAVA_LONG, 0), out.get(ValueLayout.JAVA_LONG, 8));
    }

    @Override
    public long allocate(long bytes) {
        guard.enter();
        int result = CudaDriver.cuMemAlloc_v2(out, bytes);
        if (result != CudaDriver.CUDA_SUCCESS()) {
            throw guard.failed(result, "allocating " + Bytes.text(bytes) + " on device " + info.ordinal() + free());
        }
        return deviceMemory.opened(out.get(ValueLayout.JAVA_LONG, 0));
    }

    private String free() {
        if (CudaDriver.cuMemGetInfo_v2(out, out.asSlice(8)) != CudaDriver.CUDA_SUCCESS()) {
            return "";
        }
        return " (" + Bytes.text(out.get(ValueLayout.JAVA_LONG, 0)) + " of "
                + Bytes.text(out.get(ValueLayout.JAVA_LONG, 8)) + " free)";
    }

    @Override
    public void free(long address) {
        guard.enter();
        guard.check(deviceMemory.destroy(address), "freeing device memory");
    }

    @Override
    public MemorySegment allocateHost(long bytes) {
        return guard.noting(() -> pinned.allocate(bytes));
    }

    @Override
    public void freeHost(MemorySegment segment) {
        guard.enter();
        guard.check(pinned.free(segment), "freeing pinned host memory");
    }

    @Override
    public void copyToDevice(long target, MemorySegment source, long stream) {
        copyToDevice(target, source, source.byteSize(), stream);
    }

    @Override
    public void copyToDevice(long target, MemorySegment source, long bytes, long stream) {
        guard.enter();
        requireNative(source);
        Objects.checkFromIndexSize(0, bytes, source.byteSize());
        int result = HotCalls.copyToDevice(target, source.address(), bytes, stream);
        Reference.reachabilityFence(source);
        if (result != CudaDriver.CUDA_SUCCESS()) {
            throw guard.failed(result, "copying " + Bytes.text(bytes) + " to the device");
        }
    }

    @Override
    public void copyToHost(MemorySegment target, long source, long stream) {
        copyToHost(target, source, target.byteSize(), stream);
    }

    @Override
    public void copyToHost(MemorySegment target, long source, long bytes, long stream) {
        guard.enter();
        requireNative(target);
        Objects.checkFromIndexSize(0, bytes, target.byteSize());
        int result = HotCalls.copyToHost(target.address(), source, bytes, stream);
        Reference.reachabilityFence(target);
        if (result != CudaDriver.CUDA_SUCCESS()) {
            throw guard.failed(result, "copying " + Bytes.text(bytes) + " to the host");
        }
    }

    private static void requireNative(MemorySegment segment) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException("the device copies from and to native memory only");
        }
        requireAlive(segment);
    }

    /** The driver gets bare addresses, so nobody else looks whether they are still good. */
    private static void requireAlive(MemorySegment segment) {
        if (!segment.scope().isAlive()) {
            throw new IllegalStateException("the memory's arena is closed");
        }
    }

    @Override
    public void copyOnDevice(long target, long source, long bytes, long stream) {
        guard.enter();
        int result = HotCalls.copyOnDevice(target, source, bytes, stream);
        if (result != CudaDriver.CUDA_SUCCESS()) {
            throw guard.failed(result, "copying " + Bytes.text(bytes) + " within the device");
        }
    }

    @Override
    public void fill(long target, byte value, long bytes, long stream) {
        guard.enter();
        int result = HotCalls.fill(target, value, bytes, stream);
        if (result != CudaDriver.CUDA_SUCCESS()) {
            throw guard.failed(result, "filling " + Bytes.text(bytes) + " of device memory");
        }
    }

    /** The stream does not wait for the default stream, on which other libraries of the process may put work. */
    @Override
    public long createStream() {
        guard.enter();
        guard.check(CudaDriver.cuStreamCreate(out, CudaDriver.CU_STREAM_NON_BLOCKING()), "creating a stream");
        return streams.opened(out.get(ValueLayout.JAVA_LONG, 0));
    }

    @Override
    public void synchronize(long stream) {
        guard.enter();
        guard.check(HotCalls.streamSynchronize(stream), "waiting for a stream");
    }

    @Override
    public void destroyStream(long stream) {
        guard.enter();
        graphs.abandon(stream);
        guard.check(streams.destroy(stream), "destroying a stream");
    }

    @Override
    public long createEvent() {
        guard.enter();
        guard.check(CudaDriver.cuEventCreate(out, CudaDriver.CU_EVENT_DEFAULT()), "creating an event");
        return events.opened(out.get(ValueLayout.JAVA_LONG, 0));
    }

    @Override
    public void recordEvent(long event, long stream) {
        guard.enter();
        guard.check(HotCalls.eventRecord(event, stream), "recording an event");
    }

    @Override
    public void waitEvent(long stream, long event) {
        guard.enter();
        guard.check(HotCalls.streamWaitEvent(stream, event), "making a stream wait for an event");
    }

    @Override
    public boolean isDone(long event) {
        guard.enter();
        int result = HotCalls.eventQuery(event);
        if (result == CudaDriver.CUDA_ERROR_NOT_READY()) {
            return false;
        }
        guard.check(result, "asking whether an event is done");
        return true;
    }

    @Override
    public void synchronizeEvent(long event) {
        guard.enter();
        guard.check(HotCalls.eventSynchronize(event), "waiting for an event");
    }

    @Override
    public float elapsedMillis(long start, long end) {
        guard.enter();
        guard.check(HotCalls.eventElapsedTime(out.address(), start, end), "reading the time between two events");
        return out.get(ValueLayout.JAVA_FLOAT, 0);
    }

    @Override
    public void destroyEvent(long event) {
        guard.enter();
        guard.check(events.destroy(event), "destroying an event");
    }

    @Override
    public long loadModule(String name, byte[] ptx) {
        return guard.noting(() -> modules.load(name, ptx));
    }

    @Override
    public void unloadModule(long module) {
        guard.enter();
        guard.check(modules.unload(module), "unloading a module");
    }

    @Override
    public long function(long module, String name) {
        return guard.noting(() -> modules.function(module, name));
    }

    @Override
    public void allowSharedBytes(long function, int bytes) {
        guard.noting(() -> {
            modules.allowSharedBytes(function, bytes);
            return true;
        });
    }

    @Override
    public int occupancy(long function, int blockThreads, int sharedBytes) {
        return guard.noting(() -> modules.occupancy(function, blockThreads, sharedBytes));
    }

    @Override
    public void launch(KernelLaunch launch, long stream) {
        guard.enter();
        requireAlive(launch.pointers());
        int result = HotCalls.launchKernel(
                launch.function(),
                launch.gridX(),
                launch.gridY(),
                launch.gridZ(),
                launch.blockX(),
                launch.blockY(),
                launch.blockZ(),
                launch.sharedBytes(),
                stream,
                launch.pointers().address());
        Reference.reachabilityFence(launch);
        if (result != CudaDriver.CUDA_SUCCESS()) {
            throw guard.failed(result, describe(launch));
        }
    }

    private static String describe(KernelLaunch launch) {
        return "launching " + launch.signature().name() + " with grid " + launch.gridX() + "x" + launch.gridY() + "x"
                + launch.gridZ() + ", block " + launch.blockX() + "x" + launch.blockY() + "x" + launch.blockZ() + ", "
                + launch.sharedBytes() + " bytes of dynamic shared memory";
    }

    @Override
    public void beginCapture(long stream) {
        guard.noting(() -> {
            graphs.begin(stream);
            return true;
        });
    }

    @Override
    public long endCapture(long stream) {
        return guard.noting(() -> graphs.end(stream));
    }

    @Override
    public void launchGraph(long graph, long stream) {
        guard.enter();
        guard.check(HotCalls.graphLaunch(graph, stream), "launching a graph");
    }

    @Override
    public void destroyGraph(long graph) {
        guard.enter();
        guard.check(graphs.destroy(graph), "destroying a graph");
    }

    @Override
    public Optional<MatmulLibrary> matmulLibrary() {
        Optional<MatmulLibrary> known = matmul;
        if (known == null) {
            known = guard.noting(() -> driver.openMatmulLibrary(guard::enter));
            matmul = known;
        }
        return known;
    }

    @Override
    public void abandon() {
        if (guard.close()) {
            LOG.log(System.Logger.Level.WARNING, () -> "device " + info.ordinal()
                    + " is given up with work under way; its memory comes back when this process ends");
        }
    }

    @Override
    public void close() {
        if (!guard.close()) {
            return;
        }
        try {
            guard.makeCurrent();
            if (matmul != null) {
                matmul.ifPresent(MatmulLibrary::close);
            }
            graphs.abandonAll();
            // What is freed below may still be read or written by work under way.
            streams.forEach(HotCalls::streamSynchronize);
            graphs.destroyAll();
            events.destroyAll();
            streams.destroyAll();
            modules.unloadAll();
            pinned.freeAll();
            deviceMemory.destroyAll();
            CurrentContext.clear();
            CudaDriver.cuDevicePrimaryCtxRelease_v2(device);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "closing the context on device " + info.ordinal(), e);
        } finally {
            arena.close();
        }
    }
}
