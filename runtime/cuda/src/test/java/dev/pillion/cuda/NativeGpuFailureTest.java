package dev.pillion.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.GpuException;
import dev.pillion.kernels.driver.KernelLaunch;
import dev.pillion.kernels.driver.KernelSignature;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What becomes of errors of the driver, and on which threads calls may come. */
class NativeGpuFailureTest {
    private static final byte[] PTX = ".visible .entry k(.param .u64 x) { ret; }".getBytes(StandardCharsets.US_ASCII);

    private final NativeGpuDriver driver = MockLibraries.driver();
    private final MockLibraries mock = MockLibraries.cuda();

    /** Every call of a context, by the function of the driver that it comes down to. */
    private static Map<String, ThrowingCallable> callsByFunction(GpuContext context, Arena arena) {
        long stream = context.createStream();
        long event = context.createEvent();
        long memory = context.allocate(64);
        MemorySegment host = context.allocateHost(64);
        long module = context.loadModule("k", PTX);
        long function = context.function(module, "k");
        KernelLaunch launch = new KernelLaunch(function, new KernelSignature("k", List.of(8)), arena);
        long recording = context.createStream();
        context.beginCapture(stream);
        long graph = context.endCapture(stream);
        Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
        calls.put("cuMemGetInfo", context::memory);
        calls.put("cuMemAlloc", () -> context.allocate(8));
        calls.put("cuMemHostAlloc", () -> context.allocateHost(8));
        calls.put("cuMemcpyHtoDAsync", () -> context.copyToDevice(memory, host, stream));
        calls.put("cuMemcpyDtoHAsync", () -> context.copyToHost(host, memory, stream));
        calls.put("cuMemcpyDtoDAsync", () -> context.copyOnDevice(memory, memory + 32, 32, stream));
        calls.put("cuMemsetD8Async", () -> context.fill(memory, (byte) 0, 64, stream));
        calls.put("cuStreamCreate", context::createStream);
        calls.put("cuStreamSynchronize", () -> context.synchronize(stream));
        calls.put("cuStreamWaitEvent", () -> context.waitEvent(stream, event));
        calls.put("cuEventCreate", context::createEvent);
        calls.put("cuEventRecord", () -> context.recordEvent(event, stream));
        calls.put("cuEventQuery", () -> context.isDone(event));
        calls.put("cuEventSynchronize", () -> context.synchronizeEvent(event));
        calls.put("cuEventElapsedTime", () -> context.elapsedMillis(event, event));
        calls.put("cuModuleLoadDataEx", () -> context.loadModule("k", PTX));
        calls.put("cuModuleGetFunction", () -> context.function(module, "k"));
        calls.put("cuFuncSetAttribute", () -> context.allowSharedBytes(function, 100));
        calls.put("cuOccupancyMaxActiveBlocksPerMultiprocessor", () -> context.occupancy(function, 32, 0));
        calls.put("cuLaunchKernel", () -> context.launch(launch, stream));
        calls.put("cuStreamBeginCapture", () -> context.beginCapture(recording));
        calls.put("cuGraphLaunch", () -> context.launchGraph(graph, stream));
        calls.put("cuStreamEndCapture", () -> context.endCapture(recording));
        calls.put("cuGraphExecDestroy", () -> context.destroyGraph(graph));
        calls.put("cuEventDestroy", () -> context.destroyEvent(event));
        calls.put("cuStreamDestroy", () -> context.destroyStream(stream));
        calls.put("cuModuleUnload", () -> context.unloadModule(module));
        calls.put("cuMemFreeHost", () -> context.freeHost(host));
        calls.put("cuMemFree", () -> context.free(memory));
        return calls;
    }

    @Test
    void everyCallTurnsAFailureIntoAnExceptionAndTheContextLivesOn() {
        Set<String> functions;
        try (GpuContext context = driver.createContext(0); Arena arena = Arena.ofConfined()) {
            functions = callsByFunction(context, arena).keySet();
        }
        for (String function : functions) {
            try (GpuContext context = driver.createContext(0); Arena arena = Arena.ofConfined()) {
                ThrowingCallable call = callsByFunction(context, arena).get(function);
                mock.fail(function, 1, 1);
                GpuException failure = catchThrowableOfType(GpuException.class, call);
                assertThat(failure).as(function).isNotNull();
                assertThat(failure.result()).as(function).isEqualTo(1);
                assertThat(failure.resultName()).isEqualTo("CUDA_ERROR_INVALID_VALUE");
                assertThat(failure.sticky()).isFalse();
                assertThat(context.allocate(8)).as("alive after %s failed", function).isNotZero();
            }
        }
    }

    @Test
    void aStickyErrorInAnyCallLosesTheContext() {
        Set<String> functions;
        try (GpuContext context = driver.createContext(0); Arena arena = Arena.ofConfined()) {
            functions = callsByFunction(context, arena).keySet();
        }
        for (String function : functions) {
            try (GpuContext context = driver.createContext(0); Arena arena = Arena.ofConfined()) {
                Map<String, ThrowingCallable> calls = callsByFunction(context, arena);
                mock.fail(function, 1, 719);
                assertThatThrownBy(calls.get(function))
                        .isInstanceOfSatisfying(GpuException.class, e -> assertThat(e.sticky()).isTrue())
                        .hasMessageContaining("CUDA_ERROR_LAUNCH_FAILED (719)")
                        .hasMessageEndingWith("the context is lost");
                mock.newCalls();
                calls.values().forEach(later -> assertThatThrownBy(later)
                        .isInstanceOfSatisfying(GpuException.class, e -> assertThat(e.sticky()).isTrue())
                        .hasMessageContaining("an earlier call met it")
                        .hasCauseInstanceOf(GpuException.class));
                assertThat(mock.newCalls()).as("calls after the context was lost by %s", function).isEmpty();
            }
        }
    }

    @Test
    void stickyResultsAreThoseThatTheDriversReferenceCallsSo() {
        List<Integer> sticky = new ArrayList<>();
        for (int result = 0; result < 1000; result++) {
            if (CudaResult.isSticky(result)) {
                sticky.add(result);
            }
        }
        assertThat(sticky).containsExactly(4, 214, 220, 226, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 721, 810, 911);
    }

    @Test
    void aNewContextWorksOnceAllHaveLetGoOfTheLostOne() {
        GpuContext first = driver.createContext(0);
        GpuContext second = driver.createContext(0);
        mock.fail("cuMemGetInfo", 1, 700);
        assertThatThrownBy(first::memory).hasMessageContaining("CUDA_ERROR_ILLEGAL_ADDRESS");
        assertThatThrownBy(second::memory).as("they share the device").hasMessageContaining("ILLEGAL_ADDRESS");
        first.close();
        second.close();
        try (GpuContext third = driver.createContext(0)) {
            assertThat(third.memory().total()).isEqualTo(1L << 30);
        }
    }

    @Test
    void callsMayComeFromAnyThreadOneAtATime() throws InterruptedException {
        List<Throwable> thrown = new ArrayList<>();
        try (GpuContext context = driver.createContext(0); GpuContext other = driver.createContext(1)) {
            long memory = context.allocate(64);
            Runnable use = () -> {
                try {
                    context.fill(memory, (byte) 1, 64, 0);
                    other.free(other.allocate(64));
                    context.fill(memory, (byte) 2, 64, 0);
                } catch (RuntimeException e) {
                    thrown.add(e);
                }
            };
            for (Thread thread : List.of(Thread.ofPlatform().unstarted(use), Thread.ofVirtual().unstarted(use))) {
                thread.start();
                thread.join();
            }
            use.run();
        }
        assertThat(thrown).isEmpty();
        mock.assertNone("memory", "context");
    }

    @Test
    void aThreadsContextIsSetOnceAndNotWithEveryCall() {
        try (GpuContext context = driver.createContext(0)) {
            long memory = context.allocate(64);
            mock.newCalls();
            for (int i = 0; i < 10; i++) {
                context.fill(memory, (byte) i, 64, 0);
            }
            assertThat(mock.newCalls()).noneMatch(call -> call.startsWith("cuCtxSetCurrent"));
        }
    }
}
