package dev.pillion.kernels.virtual;

import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.GpuDeviceInfo;
import dev.pillion.kernels.driver.GpuException;
import dev.pillion.kernels.driver.KernelLaunch;
import dev.pillion.kernels.driver.MatmulLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A context on a virtual device. Unlike a real one it may be closed by another thread than the one that waits in it.
 */
public final class VirtualGpuContext implements GpuContext {
    private final VirtualDevice device;
    private final VirtualGpuDriver.Settings settings;
    private final ContextState state;
    private final DeviceMemory memory;
    private final Handles<VirtualStream> streams = new Handles<>("stream");
    private final Handles<VirtualEvent> events = new Handles<>("event");
    private final Captures captures = new Captures();
    private final LoadedModules modules;
    private final Handles<List<Runnable>> graphs = new Handles<>("graph");
    private final Map<Long, Arena> hostMemory = new ConcurrentHashMap<>();
    private final LaunchRunner runner;

    VirtualGpuContext(VirtualDevice device, VirtualGpuDriver.Settings settings) {
        this.device = device;
        this.settings = settings;
        state = new ContextState(settings.faults());
        memory = new DeviceMemory(device, settings.checks().unwritten());
        streams.add(0, new VirtualStream(state, "virtual-gpu-stream-0"));
        modules = new LoadedModules(device.info(), memory);
        runner = new LaunchRunner(device.info(), settings, state, memory);
    }

    @Override
    public GpuDeviceInfo device() {
        return device.info();
    }

    @Override
    public MemoryInfo memory() {
        state.enter("memory info");
        return new MemoryInfo(device.free(), device.info().totalMemoryBytes());
    }

    @Override
    public long allocate(long bytes) {
        String call = "allocating " + bytes + " bytes";
        enterUncaptured(call);
        if (bytes <= 0) {
            throw CudaResult.INVALID_VALUE.exception(call);
        }
        if (settings.faults().allocationFails()) {
            throw CudaResult.OUT_OF_MEMORY.exception(call + " (injected fault)");
        }
        Allocation allocation = memory.allocate(bytes, "");
        if (allocation == null) {
            throw CudaResult.OUT_OF_MEMORY.exception(call + " of " + device.free() + " free");
        }
        return allocation.address();
    }

    @Override
    public void free(long address) {
        String call = "freeing 0x" + Long.toHexString(address);
        enterUncaptured(call);
        // As the real call does, it waits for the work that may still use the memory.
        streams.all().forEach(VirtualStream::drain);
        if (!memory.free(address)) {
            throw CudaResult.INVALID_VALUE.exception(call + ": " + memory.describe(address));
        }
        state.afterWaiting(call);
    }

    @Override
    public MemorySegment allocateHost(long bytes) {
        enterUncaptured("allocating " + bytes + " bytes of host memory");
        Arena arena = Arena.ofShared();
        MemorySegment segment = arena.allocate(bytes, 256);
        hostMemory.put(segment.address(), arena);
        return segment;
    }

    @Override
    public void freeHost(MemorySegment segment) {
        enterUncaptured("freeing host memory");
        streams.all().forEach(VirtualStream::drain);
        Arena arena = hostMemory.remove(segment.address());
        if (arena == null) {
            throw CudaResult.INVALID_VALUE.exception("freeing host memory that was not allocated as such");
        }
        arena.close();
    }

    private void requireRange(String call, long address, long bytes) {
        if (bytes < 0 || bytes > 0 && !memory.contains(address, bytes)) {
            throw CudaResult.INVALID_VALUE.exception(call + ": " + bytes + " bytes at 0x" + Long.toHexString(address)
                    + ": " + memory.describe(address));
        }
    }

    @Override
    public void copyToDevice(long target, MemorySegment source, long stream) {
        String call = "copy to the device";
        state.enter(call);
        requireRange(call, target, source.byteSize());
        MemorySegment from = HostCopies.forAnyThread(source);
        put(stream, () -> memory.write(target, from));
    }

    @Override
    public void copyToHost(MemorySegment target, long source, long stream) {
        String call = "copy to the host";
        state.enter(call);
        requireRange(call, source, target.byteSize());
        MemorySegment to = HostCopies.forAnyThread(target);
        put(stream, () -> {
            requireWritten(call, source, to.byteSize());
            memory.read(source, to);
        });
    }

    private void requireWritten(String call, long address, long bytes) {
        long unwritten = settings.checks().unwritten() ? memory.firstUnwritten(address, bytes) : -1;
        if (unwritten >= 0) {
            throw new KernelFault(CudaResult.LAUNCH_FAILED, Check.UNWRITTEN, call + ": read of " + bytes
                    + " bytes at 0x" + Long.toHexString(address) + ", of which " + memory.describe(unwritten)
                    + " was never written");
        }
    }

    @Override
    public void copyOnDevice(long target, long source, long bytes, long stream) {
        String call = "copy on the device";
        state.enter(call);
        requireRange(call, target, bytes);
        requireRange(call, source, bytes);
        if (target < source + bytes && source < target + bytes) {
            throw CudaResult.INVALID_VALUE.exception(call + ": the ranges overlap");
        }
        put(stream, () -> memory.copy(target, source, bytes));
    }

    @Override
    public void fill(long target, byte value, long bytes, long stream) {
        String call = "fill";
        state.enter(call);
        requireRange(call, target, bytes);
        put(stream, () -> memory.fill(target, value, bytes));
    }

    /** Puts work on a stream, to be skipped if the context is lost by then. */
    void put(long stream, Runnable work) {
        VirtualStream target = streams.get(stream);
        Captures.requireSound("putting work on a stream", target);
        target.put(() -> {
            if (state.lost()) {
                return;
            }
            try {
                work.run();
            } catch (KernelFault e) {
                state.fail(e.result(), e.getMessage());
            }
        });
    }

    @Override
    public long createStream() {
        state.enter("creating a stream");
        return streams.add(new VirtualStream(state, "virtual-gpu-stream"));
    }

    @Override
    public void synchronize(long stream) {
        state.enter("synchronizing a stream");
        VirtualStream found = streams.get(stream);
        captures.refuse("synchronizing a stream", found);
        found.drain();
        state.afterWaiting("synchronizing a stream");
    }

    @Override
    public void destroyStream(long stream) {
        state.enter("destroying a stream");
        streams.remove(stream).end();
    }

    @Override
    public long createEvent() {
        state.enter("creating an event");
        return events.add(new VirtualEvent());
    }

    @Override
    public void recordEvent(long event, long stream) {
        state.enter("recording an event");
        VirtualEvent found = events.get(event);
        VirtualStream on = streams.get(stream);
        found.capture(on.capture());
        if (on.capture() == null) {
            VirtualEvent.Mark mark = found.newMark();
            // Passed even if the context is lost, so that nobody waits for it.
            on.enqueue(mark::pass);
        }
    }

    @Override
    public void waitEvent(long stream, long event) {
        state.enter("waiting for an event");
        VirtualEvent found = events.get(event);
        VirtualStream waiting = streams.get(stream);
        Capture capture = found.capture();
        if (capture != null && capture.origin().capture() == capture) {
            capture.join(waiting);
            return;
        }
        VirtualEvent.Mark mark = found.mark();
        waiting.put(() -> mark.await(state));
    }

    @Override
    public boolean isDone(long event) {
        state.enter("querying an event");
        boolean done = uncaptured(event, "querying an event").mark().done();
        if (done) {
            state.afterWaiting("querying an event");
        }
        return done;
    }

    @Override
    public void synchronizeEvent(long event) {
        state.enter("synchronizing an event");
        uncaptured(event, "synchronizing an event").mark().await(state);
        state.afterWaiting("synchronizing an event");
    }

    /** An event that marks a place in a recording is never reached by itself. */
    private VirtualEvent uncaptured(long event, String call) {
        VirtualEvent found = events.get(event);
        Capture capture = found.capture();
        if (capture != null) {
            capture.spoil(call);
            throw CudaResult.CAPTURED_EVENT.exception(call);
        }
        return found;
    }

    @Override
    public float elapsedMillis(long start, long end) {
        state.enter("elapsed time of events");
        VirtualEvent.Mark from = events.get(start).mark();
        VirtualEvent.Mark to = events.get(end).mark();
        if (!from.done() || !to.done()) {
            throw CudaResult.NOT_READY.exception("elapsed time of events");
        }
        return (to.nanos() - from.nanos()) / 1e6f;
    }

    @Override
    public void destroyEvent(long event) {
        state.enter("destroying an event");
        events.remove(event);
    }

    @Override
    public long loadModule(String name, byte[] ptx) {
        String call = "loading module " + name;
        enterUncaptured(call);
        if (settings.faults().moduleFails(name)) {
            throw CudaResult.INVALID_PTX.exception(call + " (injected fault)");
        }
        return modules.load(call, name, ptx);
    }

    @Override
    public void unloadModule(long module) {
        enterUncaptured("unloading a module");
        streams.all().forEach(VirtualStream::drain);
        modules.unload(module);
    }

    /** Refused while a graph is recorded: the driver loads a kernel's code when it is looked up, which may wait. */
    @Override
    public long function(long module, String name) {
        enterUncaptured("looking up kernel " + name);
        return modules.find(module, name);
    }

    @Override
    public void allowSharedBytes(long function, int bytes) {
        state.enter("allowing shared memory");
        VirtualFunction found = modules.function(function);
        if (bytes < 0 || found.program().sharedBytes(bytes) > device.info().sharedBytesPerBlock()) {
            throw CudaResult.INVALID_VALUE.exception("allowing kernel " + found.program().name() + " " + bytes
                    + " bytes of dynamic shared memory of " + device.info().sharedBytesPerBlock());
        }
        found.allowShared(bytes);
    }

    @Override
    public int occupancy(long function, int blockThreads, int sharedBytes) {
        state.enter("computing occupancy");
        return Occupancy.blocks(device.info(), modules.function(function).program(), blockThreads, sharedBytes);
    }

    @Override
    public void launch(KernelLaunch launch, long stream) {
        String call = "launching " + launch.signature().name();
        state.enter(call);
        try {
            put(stream, runner.prepare(launch, modules.function(launch.function())));
        } catch (GpuException e) {
            Capture capture = streams.get(stream).capture();
            if (capture != null) {
                capture.spoil(call);
            }
            throw e;
        }
    }

    @Override
    public void beginCapture(long stream) {
        state.enter("beginning a capture");
        if (stream == 0) {
            throw CudaResult.STREAM_CAPTURE_UNSUPPORTED.exception("beginning a capture on the default stream");
        }
        captures.begin(streams.get(stream));
    }

    @Override
    public long endCapture(long stream) {
        state.enter("ending a capture");
        return graphs.add(captures.end(streams.get(stream)));
    }

    @Override
    public void launchGraph(long graph, long stream) {
        state.enter("launching a graph");
        graphs.get(graph).forEach(streams.get(stream)::put);
    }

    @Override
    public void destroyGraph(long graph) {
        state.enter("destroying a graph");
        graphs.remove(graph);
    }

    @Override
    public Optional<MatmulLibrary> matmulLibrary() {
        return settings.matmulLibrary() ? Optional.of(new VirtualMatmul(this, memory, settings.checks()))
                : Optional.empty();
    }

    /** Enters a call that the thread must not make while it records a graph. */
    void enterUncaptured(String call) {
        state.enter(call);
        captures.refuse(call);
    }

    /** Enters a call, for the matrix library. */
    void enter(String call) {
        state.enter(call);
    }

    @Override
    public void close() {
        if (!state.close()) {
            return;
        }
        List<VirtualStream> all = streams.all();
        all.forEach(VirtualStream::abandon);
        events.all().forEach(event -> event.mark().wake());
        synchronized (settings.faults()) {
            settings.faults().notifyAll();
        }
        all.forEach(VirtualStream::join);
        memory.close();
        hostMemory.values().forEach(Arena::close);
        hostMemory.clear();
    }
}
