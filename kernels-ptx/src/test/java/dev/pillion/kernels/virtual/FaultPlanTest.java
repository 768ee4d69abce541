package dev.pillion.kernels.virtual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.GpuException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Injected faults: which call tells of them, with which error, and what becomes of the context. */
class FaultPlanTest {
    private static final String NOTHING = TestGpu.kernel("", "ret;");

    private static TestGpu gpu(FaultPlan plan) {
        return new TestGpu(NOTHING, VirtualGpuDriver.builder().faults(plan));
    }

    private static void fails(String name, boolean sticky, Runnable call) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(GpuException.class, e -> {
            assertThat(e.resultName()).isEqualTo(name);
            assertThat(e.sticky()).isEqualTo(sticky);
        });
    }

    @Test
    void launchesThatFailAreFoundByWaiting() {
        FaultPlan plan = new FaultPlan().failLaunch(3);
        try (TestGpu gpu = gpu(plan)) {
            gpu.run("k", 1, 1, 0);
            for (int i = 0; i < 3; i++) {
                // The third of all fails, and nothing tells of it until somebody waits.
                gpu.context.launch(gpu.prepare("k", 1, 1, 0), 0);
            }
            fails("CUDA_ERROR_LAUNCH_FAILED", true, () -> gpu.context.synchronize(0));
            fails("CUDA_ERROR_LAUNCH_FAILED", true, () -> gpu.context.allocate(4));
            fails("CUDA_ERROR_LAUNCH_FAILED", true, () -> gpu.context.synchronize(0));
            assertThat(plan.launches()).containsExactly("k", "k", "k");
        }
    }

    @Test
    void faultsMayBeOfOneKernel() {
        String two = NOTHING + ".visible .entry other()\n{\nret;\n}\n";
        FaultPlan plan = new FaultPlan().failLaunch("other", 2);
        try (TestGpu gpu = new TestGpu(two, VirtualGpuDriver.builder().faults(plan))) {
            gpu.run("k", 1, 1, 0);
            gpu.run("other", 1, 1, 0);
            gpu.run("k", 1, 1, 0);
            fails("CUDA_ERROR_LAUNCH_FAILED", true, () -> gpu.run("other", 1, 1, 0));
        }
    }

    @Test
    void otherContextsLiveOn() {
        VirtualGpuDriver driver = VirtualGpuDriver.builder().faults(new FaultPlan().corruptLaunch(1)).build();
        try (GpuContext lost = driver.createContext(0); GpuContext other = driver.createContext(0)) {
            long module = lost.loadModule("m", NOTHING.getBytes(StandardCharsets.US_ASCII));
            try (java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofConfined()) {
                lost.launch(new dev.pillion.kernels.driver.KernelLaunch(lost.function(module, "k"),
                        new dev.pillion.kernels.driver.KernelSignature("k", java.util.List.of()), arena), 0);
            }
            fails("CUDA_ERROR_ILLEGAL_ADDRESS", true, () -> lost.synchronize(0));
            long address = other.allocate(1000);
            other.fill(address, (byte) 1, 1000, 0);
            other.synchronize(0);
        }
    }

    @Test
    void refusedLaunchesLeaveTheContextAlive() {
        try (TestGpu gpu = gpu(new FaultPlan().refuseLaunch(2))) {
            gpu.run("k", 1, 1, 0);
            fails("CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", false, () -> gpu.run("k", 1, 1, 0));
            gpu.run("k", 1, 1, 0);
            assertThat(gpu.statistics).hasSize(2);
        }
    }

    @Test
    void allocationsFailOnce() {
        FaultPlan plan = new FaultPlan().failAllocation(2);
        try (TestGpu gpu = gpu(plan)) {
            gpu.allocate(16);
            long free = gpu.context.memory().free();
            fails("CUDA_ERROR_OUT_OF_MEMORY", false, () -> gpu.allocate(16));
            assertThat(gpu.context.memory().free()).isEqualTo(free);
            gpu.allocate(16);
            assertThat(plan.allocations()).isEqualTo(3);
        }
    }

    @Test
    void lostContextsFailEveryCall() {
        FaultPlan plan = new FaultPlan();
        try (TestGpu gpu = gpu(plan)) {
            plan.loseContextAtCall(plan.calls() + 2);
            gpu.allocate(16);
            fails("CUDA_ERROR_UNKNOWN", true, () -> gpu.context.memory());
            fails("CUDA_ERROR_UNKNOWN", true, () -> gpu.allocate(16));
            fails("CUDA_ERROR_UNKNOWN", true, () -> gpu.context.synchronize(0));
        }
    }

    @Test
    void modulesFailByName() {
        try (GpuContext context = VirtualGpuDriver.builder().faults(new FaultPlan().failModule("rows")).build().createContext(0)) {
            byte[] ptx = NOTHING.getBytes(StandardCharsets.US_ASCII);
            context.loadModule("other", ptx);
            fails("CUDA_ERROR_INVALID_PTX", false, () -> context.loadModule("rows", ptx));
            context.loadModule("other", ptx);
        }
    }

    @Test
    @Timeout(60)
    void hangsUntilReleased() {
        FaultPlan plan = new FaultPlan().hangLaunch("k", 1);
        try (TestGpu gpu = gpu(plan)) {
            long event = gpu.context.createEvent();
            gpu.context.launch(gpu.prepare("k", 1, 1, 0), 0);
            gpu.context.recordEvent(event, 0);
            assertThat(gpu.context.isDone(event)).isFalse();
            plan.release();
            gpu.context.synchronizeEvent(event);
            assertThat(gpu.context.isDone(event)).isTrue();
            gpu.run("k", 1, 1, 0);
        }
    }

    @Test
    @Timeout(60)
    void closingEndsAHang() throws InterruptedException {
        try (TestGpu gpu = gpu(new FaultPlan().hangLaunch(1))) {
            gpu.context.launch(gpu.prepare("k", 1, 1, 0), 0);
            long event = gpu.context.createEvent();
            long other = gpu.context.createStream();
            gpu.context.recordEvent(event, 0);
            gpu.context.waitEvent(other, event);
            Thread waiting = Thread.ofPlatform().start(() -> fails("CUDA_ERROR_INVALID_CONTEXT", false,
                    () -> gpu.context.synchronize(other)));
            gpu.context.close();
            waiting.join();
            fails("CUDA_ERROR_INVALID_CONTEXT", false, () -> gpu.context.memory());
        }
    }

    @Test
    @Timeout(60)
    void closingEndsAnEndlessKernel() {
        String endless = TestGpu.kernel("", "again: bra again;");
        try (TestGpu gpu = new TestGpu(endless)) {
            gpu.context.launch(gpu.prepare("k", 64, 32, 0), 0);
            gpu.context.close();
        }
    }
}
