package dev.pillion.benchmarks;

import dev.pillion.bindings.cuda.CudaDriver;
import dev.pillion.cuda.NativeGpuDriver;
import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.KernelLaunch;
import dev.pillion.kernels.driver.KernelSignature;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a call of the driver costs on the Java side. By default the driver is the tests' mock, compiled with gcc from the source
 * tree, which looks at its arguments and returns: the time is that of the call itself. With {@code -p libraries=/some/folder}
 * it is the driver in that folder, and the time the driver takes to enqueue is in it. Run with {@code -prof gc}: nothing but
 * {@code launchThroughBindings} may allocate.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 3, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LaunchOverhead {
    /** Fewer than the driver's queue holds, so that no launch waits for the device. */
    private static final int CALLS = 256;

    private static final String MOCK = "runtime/cuda/src/test/resources/dev/pillion/cuda/mock/libcuda.c";
    private static final int BYTES = 4096;
    private static final byte[] PTX =
            """
            .version 7.0
            .target sm_80
            .address_size 64
            .visible .entry nothing(.param .u64 x, .param .u64 out, .param .u32 rows, .param .u32 columns) { ret; }
            """
                    .getBytes(StandardCharsets.US_ASCII);

    /** Folder with the driver, or {@code mock}. */
    @Param("mock")
    public String libraries;

    private final Arena arena = Arena.ofConfined();
    private NativeGpuDriver driver;
    private GpuContext context;
    private long stream;
    private long event;
    private long memory;
    private long function;
    private long graph;
    private MemorySegment staging;
    private KernelLaunch launch;

    /** Opens the driver and prepares one of each thing. */
    @Setup(Level.Trial)
    public void open() throws Exception {
        boolean mock = libraries.equals("mock");
        driver = NativeGpuDriver.open(Optional.of(mock ? compiledMock() : Path.of(libraries)));
        context = driver.createContext(0);
        stream = context.createStream();
        event = context.createEvent();
        memory = context.allocate(BYTES);
        staging = context.allocateHost(BYTES);
        function = context.function(context.loadModule("nothing", PTX), "nothing");
        launch = new KernelLaunch(function, new KernelSignature("nothing", List.of(8, 8, 4, 4)), arena)
                .block(128, 1, 1)
                .set(0, memory)
                .set(1, memory);
        context.beginCapture(stream);
        context.launch(launch, stream);
        graph = context.endCapture(stream);
        context.recordEvent(event, stream);
        if (mock) {
            quieten();
        }
    }

    private static Path compiledMock() throws IOException, InterruptedException {
        Path source = Path.of(MOCK);
        if (!Files.isRegularFile(source)) {
            throw new IllegalStateException("no " + MOCK + " here; run from the root of the source tree");
        }
        Path folder = Files.createTempDirectory("pillion-mock");
        Path library = folder.resolve("libcuda.so.1");
        Process gcc = new ProcessBuilder("gcc", "-O2", "-shared", "-fPIC", "-o", library.toString(), source.toString())
                .inheritIO()
                .start();
        if (gcc.waitFor() != 0) {
            throw new IllegalStateException("gcc could not compile " + MOCK);
        }
        library.toFile().deleteOnExit();
        folder.toFile().deleteOnExit();
        return folder;
    }

    /** Lets the mock note no calls. */
    private static void quieten() throws Exception {
        MemorySegment quiet = SymbolLookup.loaderLookup().findOrThrow("cuda_mock_quiet");
        try {
            Linker.nativeLinker()
                    .downcallHandle(quiet, FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT))
                    .invoke(1);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Closes everything. */
    @TearDown(Level.Trial)
    public void close() {
        context.close();
        arena.close();
        driver.close();
    }

    /** A kernel launch with four arguments, two of them set anew, as a step does it. */
    @Benchmark
    @OperationsPerInvocation(CALLS)
    public void launch() {
        for (int i = 0; i < CALLS; i++) {
            launch.grid(i + 1, 1, 1).set(2, i).set(3, CALLS);
            context.launch(launch, stream);
        }
        context.synchronize(stream);
    }

    /** The same through the generated bindings alone, without the checks of a context. */
    @Benchmark
    @OperationsPerInvocation(CALLS)
    public int launchThroughBindings() {
        int result = 0;
        for (int i = 0; i < CALLS; i++) {
            launch.grid(i + 1, 1, 1).set(2, i).set(3, CALLS);
            result |= CudaDriver.cuLaunchKernel(
                    MemorySegment.ofAddress(function),
                    launch.gridX(),
                    1,
                    1,
                    128,
                    1,
                    1,
                    0,
                    MemorySegment.ofAddress(stream),
                    launch.pointers(),
                    MemorySegment.NULL);
        }
        context.synchronize(stream);
        return result;
    }

    /** A launch of a recorded graph. */
    @Benchmark
    @OperationsPerInvocation(CALLS)
    public void launchGraph() {
        for (int i = 0; i < CALLS; i++) {
            context.launchGraph(graph, stream);
        }
        context.synchronize(stream);
    }

    /** A copy of 4 KiB from pinned memory. */
    @Benchmark
    @OperationsPerInvocation(CALLS)
    public void copyToDevice() {
        for (int i = 0; i < CALLS; i++) {
            context.copyToDevice(memory, staging, stream);
        }
        context.synchronize(stream);
    }

    /** A question whether an event is done. */
    @Benchmark
    @OperationsPerInvocation(CALLS)
    public int askEvent() {
        int done = 0;
        for (int i = 0; i < CALLS; i++) {
            done += context.isDone(event) ? 1 : 0;
        }
        return done;
    }
}
