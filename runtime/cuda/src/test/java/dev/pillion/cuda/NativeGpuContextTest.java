package dev.pillion.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.GpuException;
import dev.pillion.kernels.driver.KernelLaunch;
import dev.pillion.kernels.driver.KernelSignature;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every call of a context over a mock of the vendor's driver: what reaches it, and that what was opened is closed. */
class NativeGpuContextTest {
    private static final byte[] PTX =
            """
            .version 7.0
            .target sm_80
            .visible .entry scale(.param .u64 out, .param .f32 factor, .param .u32 count, .param .u64 last) { ret; }
            """
                    .getBytes(StandardCharsets.US_ASCII);

    private final NativeGpuDriver driver = MockLibraries.driver();
    private final MockLibraries mock = MockLibraries.cuda();
    private final GpuContext context = driver.createContext(0);

    @AfterEach
    void closesWithoutLeaks() {
        context.close();
        mock.assertNone("context", "memory", "pinned", "stream", "event", "module", "function", "recorded", "graph");
    }

    private List<String> calls() {
        return mock.newCalls();
    }

    @Test
    void memoryIsAllocatedCountedAndFreed() {
        long first = context.allocate(1000);
        long second = context.allocate(5000);
        assertThat(first % 256).isZero();
        assertThat(context.memory()).isEqualTo(new GpuContext.MemoryInfo((1L << 30) - 6000, 1L << 30));
        context.free(first);
        assertThat(mock.number("used")).isEqualTo(5000);
        assertThatThrownBy(() -> context.free(first)).isInstanceOf(GpuException.class).hasMessageContaining("freeing");
        context.free(second);
        assertThat(mock.number("used")).isZero();
    }

    @Test
    void aFailedAllocationSaysHowMuchWasFree() {
        context.allocate(512L << 20);
        assertThatThrownBy(() -> context.allocate(768L << 20))
                .isInstanceOfSatisfying(GpuException.class, e -> assertThat(e.sticky()).isFalse())
                .hasMessage("allocating 768.0 MiB on device 0 (512.0 MiB of 1.0 GiB free):"
                        + " CUDA_ERROR_OUT_OF_MEMORY (2): out of memory");
        assertThat(context.allocate(256L << 20)).isNotZero();
    }

    @Test
    void bytesTravelToTheDeviceWithinItAndBack() {
        byte[] bytes = new byte[1000];
        new SplittableRandom(20261121).nextBytes(bytes);
        long stream = context.createStream();
        long a = context.allocate(1000);
        long b = context.allocate(1000);
        MemorySegment pinned = context.allocateHost(1000);
        MemorySegment.copy(bytes, 0, pinned, ValueLayout.JAVA_BYTE, 0, 1000);
        calls();

        context.copyToDevice(a, pinned, stream);
        context.copyOnDevice(b, a, 1000, stream);
        context.fill(b, (byte) -3, 10, stream);
        context.copyToHost(pinned.asSlice(100, 900), b, 0);

        assertThat(calls())
                .containsExactly(
                        "cuMemcpyHtoDAsync(1000, stream#1)",
                        "cuMemcpyDtoDAsync(1000, stream#1)",
                        "cuMemsetD8Async(253, 10, stream#1)",
                        "cuMemcpyDtoHAsync(900, default)");
        assertThat(pinned.get(ValueLayout.JAVA_BYTE, 100)).isEqualTo((byte) -3);
        assertThat(pinned.asSlice(110, 890).toArray(ValueLayout.JAVA_BYTE))
                .isEqualTo(Arrays.copyOfRange(bytes, 10, 900));
    }

    @Test
    void copiesRefuseMemoryTheDeviceCannotReach() {
        long address = context.allocate(16);
        MemorySegment small = context.allocateHost(16);
        assertThatThrownBy(() -> context.copyToDevice(address, small, 17, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> context.copyToHost(small, address, 17, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        context.freeHost(small);
        assertThatThrownBy(() -> context.copyToDevice(address, MemorySegment.ofArray(new byte[16]), 0))
                .isInstanceOf(IllegalArgumentException.class);
        Arena arena = Arena.ofConfined();
        MemorySegment closed = arena.allocate(16);
        arena.close();
        assertThatThrownBy(() -> context.copyToHost(closed, address, 0)).isInstanceOf(IllegalStateException.class);
        assertThat(mock.log()).noneMatch(call -> call.startsWith("cuMemcpy"));
    }

    @Test
    void pinnedMemoryCannotBeReadAfterItWasFreed() {
        MemorySegment pinned = context.allocateHost(64);
        assertThat(pinned.byteSize()).isEqualTo(64);
        context.freeHost(pinned);
        mock.assertNone("pinned");
        assertThatThrownBy(() -> pinned.get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> context.freeHost(pinned)).isInstanceOf(GpuException.class);
    }

    @Test
    void streamsAndEventsOrderWork() {
        long stream = context.createStream();
        long other = context.createStream();
        long start = context.createEvent();
        long end = context.createEvent();
        calls();

        context.recordEvent(start, stream);
        context.waitEvent(other, start);
        context.recordEvent(end, other);
        context.synchronizeEvent(end);
        context.synchronize(other);
        assertThat(context.elapsedMillis(start, end)).isEqualTo(1.5f);

        assertThat(calls())
                .containsExactly(
                        "cuEventRecord(event#1, stream#1)",
                        "cuStreamWaitEvent(stream#2, event#1, 0)",
                        "cuEventRecord(event#2, stream#2)",
                        "cuEventSynchronize(event#2)",
                        "cuStreamSynchronize(stream#2)",
                        "cuEventElapsedTime(event#1, event#2)");
        context.destroyEvent(start);
        context.destroyStream(other);
        assertThat(calls()).containsExactly("cuEventDestroy(event#1)", "cuStreamDestroy(stream#2)");
        assertThatThrownBy(() -> context.destroyEvent(start)).hasMessageContaining("CUDA_ERROR_INVALID_HANDLE");
        assertThatThrownBy(() -> context.destroyStream(other)).hasMessageContaining("CUDA_ERROR_INVALID_HANDLE");
        assertThat(calls()).isEmpty();
    }

    @Test
    void streamsDoNotWaitForTheDefaultStream() {
        context.createStream();
        assertThat(mock.log()).contains("cuStreamCreate(1) stream#1");
    }

    @Test
    void notReadyIsAnAnswerAndNoError() {
        long event = context.createEvent();
        mock.call("busy", 1);
        assertThat(context.isDone(event)).isFalse();
        mock.call("busy", 0);
        assertThat(context.isDone(event)).isTrue();
        mock.fail("cuEventQuery", 1, 1);
        assertThatThrownBy(() -> context.isDone(event)).hasMessageContaining("CUDA_ERROR_INVALID_VALUE");
    }

    @Test
    void aLaunchPassesGridBlockSharedMemoryAndArguments() {
        long stream = context.createStream();
        long function = context.function(context.loadModule("rows_f32", PTX), "scale");
        calls();
        try (Arena arena = Arena.ofConfined()) {
            KernelSignature signature = new KernelSignature("scale", List.of(8, 4, 4, 8));
            KernelLaunch launch = new KernelLaunch(function, signature, arena)
                    .grid(4, 3, 2)
                    .block(128, 2, 1)
                    .shared(1024)
                    .set(0, 0x1122334455667788L)
                    .set(1, 1.5f)
                    .set(2, -2)
                    .set(3, -1L);
            context.launch(launch, stream);
            launch.set(2, 7).grid(1, 1, 1);
            context.launch(launch, 0);
        }
        assertThat(calls())
                .containsExactly(
                        "cuLaunchKernel(function#1, 4x3x2, 128x2x1, 1024, stream#1)"
                                + " 8:1122334455667788 4:3fc00000 4:fffffffe 8:ffffffffffffffff",
                        "cuLaunchKernel(function#1, 1x1x1, 128x2x1, 1024, default)"
                                + " 8:1122334455667788 4:3fc00000 4:7 8:ffffffffffffffff");
    }

    @Test
    void aLaunchWhoseArgumentsAreGoneNeverReachesTheDriver() {
        long function = context.function(context.loadModule("rows_f32", PTX), "scale");
        Arena arena = Arena.ofConfined();
        KernelLaunch launch = new KernelLaunch(function, new KernelSignature("scale", List.of(8, 4, 4, 8)), arena);
        arena.close();
        calls();
        assertThatThrownBy(() -> context.launch(launch, 0)).isInstanceOf(IllegalStateException.class);
        assertThat(calls()).isEmpty();
    }

    @Test
    void aFailedLaunchNamesTheKernelAndItsShape() {
        long function = context.function(context.loadModule("rows_f32", PTX), "scale");
        mock.fail("cuLaunchKernel", 1, 1);
        try (Arena arena = Arena.ofConfined()) {
            KernelLaunch launch = new KernelLaunch(function, new KernelSignature("scale", List.of(8, 4, 4, 8)), arena)
                    .grid(5, 1, 1)
                    .block(2048, 1, 1);
            assertThatThrownBy(() -> context.launch(launch, 0))
                    .hasMessage("launching scale with grid 5x1x1, block 2048x1x1, 0 bytes of dynamic shared memory:"
                            + " CUDA_ERROR_INVALID_VALUE (1): invalid argument");
        }
    }

    @Test
    void modulesAreCompiledWithTheirTextEndedByAZeroByte() {
        long module = context.loadModule("rows_f32", PTX);
        assertThat(mock.log()).contains("cuModuleLoadDataEx(" + PTX.length + " characters, 2 options) module#1");
        long function = context.function(module, "scale");
        context.allowSharedBytes(function, 200_000);
        assertThat(context.occupancy(function, 256, 200_000)).isEqualTo(8);
        assertThat(mock.log())
                .contains(
                        "cuModuleGetFunction(module#1, scale) function#1",
                        "cuFuncSetAttribute(function#1, 8, 200000)",
                        "cuOccupancyMaxActiveBlocksPerMultiprocessor(256, 200000)");
        assertThatThrownBy(() -> context.allowSharedBytes(function, 300_000))
                .hasMessageStartingWith("allowing kernel scale 300000 bytes of shared memory: CUDA_ERROR_INVALID_VALUE");
        context.unloadModule(module);
        mock.assertNone("module");
        assertThatThrownBy(() -> context.unloadModule(module)).hasMessageContaining("CUDA_ERROR_INVALID_HANDLE");
        assertThatThrownBy(() -> context.function(module, "scale")).hasMessageContaining("CUDA_ERROR_INVALID_HANDLE");
    }

    @Test
    void whatTheCompilerSaysIsInTheMessage() {
        assertThatThrownBy(() -> context.loadModule("rows_f32", "bad_instruction r1;".getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOfSatisfying(GpuException.class, e -> assertThat(e.result()).isEqualTo(218))
                .hasMessage("compiling module rows_f32: CUDA_ERROR_INVALID_PTX (218): a PTX JIT compilation failed:"
                        + " ptxas, line 7; error: unknown opcode near 'bad_instruction'");
    }

    @Test
    void aKernelThatIsNotThereIsNamedWithItsModule() {
        long module = context.loadModule("rows_f32", PTX);
        assertThatThrownBy(() -> context.function(module, "absent"))
                .hasMessage("looking up kernel absent in module rows_f32: CUDA_ERROR_NOT_FOUND (500):"
                        + " named symbol not found");
    }

    @Test
    void capturedWorkIsReplayed() {
        long stream = context.createStream();
        long memory = context.allocate(64);
        calls();
        context.beginCapture(stream);
        context.fill(memory, (byte) 1, 64, stream);
        context.fill(memory, (byte) 2, 32, stream);
        long graph = context.endCapture(stream);
        context.launchGraph(graph, stream);
        context.destroyGraph(graph);
        assertThat(calls())
                .containsExactly(
                        "cuStreamBeginCapture(stream#1, 1)",
                        "cuMemsetD8Async(1, 64, stream#1)",
                        "cuMemsetD8Async(2, 32, stream#1)",
                        "cuStreamEndCapture(stream#1) recorded#1 with 2 nodes",
                        "cuGraphInstantiateWithFlags(recorded#1, 0) graph#1",
                        "cuGraphDestroy(recorded#1)",
                        "cuGraphLaunch(graph#1, stream#1) nodes=2",
                        "cuGraphExecDestroy(graph#1)");
        assertThatThrownBy(() -> context.destroyGraph(graph)).hasMessageContaining("CUDA_ERROR_INVALID_HANDLE");
    }

    @Test
    void aRecordingThatFailsLeavesNothingBehind() {
        long stream = context.createStream();
        context.beginCapture(stream);
        assertThatThrownBy(() -> context.beginCapture(stream)).hasMessageContaining("STREAM_CAPTURE_INVALIDATED");
        mock.fail("cuGraphInstantiateWithFlags", 1, 2);
        assertThatThrownBy(() -> context.endCapture(stream)).hasMessageContaining("executable");
        mock.assertNone("recorded", "graph");
        context.beginCapture(stream);
        context.destroyStream(stream);
        mock.assertNone("recorded", "stream");
    }

    @Test
    void callsOfAStepAllocateNothing() {
        long stream = context.createStream();
        long event = context.createEvent();
        long memory = context.allocate(64);
        MemorySegment pinned = context.allocateHost(64);
        long function = context.function(context.loadModule("rows_f32", PTX), "scale");
        context.beginCapture(stream);
        long graph = context.endCapture(stream);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        mock.call("quiet", 1);
        try (Arena arena = Arena.ofConfined()) {
            KernelLaunch launch = new KernelLaunch(function, new KernelSignature("scale", List.of(8, 4, 4, 8)), arena);
            Runnable step = () -> {
                launch.set(0, memory).set(1, 2f).set(2, 3);
                context.copyToDevice(memory, pinned, stream);
                context.copyToDevice(memory, pinned, 8, stream);
                context.copyToHost(pinned, memory, 8, stream);
                context.launch(launch, stream);
                context.launchGraph(graph, stream);
                context.copyOnDevice(memory, memory + 32, 32, stream);
                context.fill(memory, (byte) 1, 64, stream);
                context.copyToHost(pinned, memory, stream);
                context.recordEvent(event, stream);
                context.waitEvent(stream, event);
                context.isDone(event);
                context.synchronizeEvent(event);
                context.synchronize(stream);
            };
            int steps = 5000;
            run(step, steps);
            long before = threads.getCurrentThreadAllocatedBytes();
            run(step, steps);
            assertThat((threads.getCurrentThreadAllocatedBytes() - before) / steps).as("bytes per step").isZero();
        } finally {
            mock.call("quiet", 0);
        }
    }

    private static void run(Runnable step, int times) {
        for (int i = 0; i < times; i++) {
            step.run();
        }
    }

    @Test
    void closingEndsEverythingInOrder() {
        long stream = context.createStream();
        context.createEvent();
        context.loadModule("rows_f32", PTX);
        context.allocate(64);
        MemorySegment pinned = context.allocateHost(64);
        context.beginCapture(stream);
        context.endCapture(stream);
        long recording = context.createStream();
        context.beginCapture(recording);
        calls();

        context.close();

        assertThat(calls())
                .containsExactly(
                        "cuStreamEndCapture(stream#2) recorded#1 with 0 nodes",
                        "cuGraphDestroy(recorded#1)",
                        "cuStreamSynchronize(stream#1)",
                        "cuStreamSynchronize(stream#2)",
                        "cuGraphExecDestroy(graph#1)",
                        "cuEventDestroy(event#1)",
                        "cuStreamDestroy(stream#2)",
                        "cuStreamDestroy(stream#1)",
                        "cuModuleUnload(module#1)",
                        "cuMemFreeHost(pinned#1)",
                        "cuMemFree(memory#1)",
                        "cuCtxSetCurrent(none)",
                        "cuDevicePrimaryCtxRelease(40) users=0");
        assertThatThrownBy(() -> pinned.get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> context.allocate(1)).isInstanceOf(IllegalStateException.class);
        assertThat(calls()).isEmpty();
    }
}
