package dev.pillion.kernels.virtual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.GpuException;
import dev.pillion.kernels.driver.KernelLaunch;
import dev.pillion.kernels.driver.KernelSignature;
import dev.pillion.kernels.driver.MatmulLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The driver's part of the virtual GPU: memory, streams, events, modules, launches, graphs, the matrix library. */
class VirtualGpuContextTest {
    /** Adds a number to a word. */
    private static final String ADD = TestGpu.kernel(".param .u64 k0, .param .u32 k1", """
            .reg .b64 %a; .reg .b32 %r<3>; ld.param.u64 %a, [k0]; ld.param.u32 %r0, [k1];
            ld.global.u32 %r1, [%a]; mad.lo.u32 %r1, %r1, 3, %r0; st.global.u32 [%a], %r1;
            ret;""");

    private static void fails(String name, Runnable call) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(GpuException.class,
                e -> assertThat(e.resultName()).isEqualTo(name));
    }

    @Test
    void devices() {
        try (VirtualGpuDriver driver = VirtualGpuDriver.builder().device(DeviceModel.H100).device(DeviceModel.A100,
                1 << 20).build()) {
            assertThat(driver.deviceCount()).isEqualTo(2);
            assertThat(driver.device(0).computeCapability()).isEqualTo(90);
            assertThat(driver.device(1).totalMemoryBytes()).isEqualTo(1 << 20);
            assertThat(driver.device(0).uuid()).isNotEqualTo(driver.device(1).uuid());
            fails("CUDA_ERROR_INVALID_DEVICE", () -> driver.device(2));
            fails("CUDA_ERROR_INVALID_DEVICE", () -> driver.createContext(-1));
        }
    }

    @Test
    void accountsMemory() {
        VirtualGpuDriver driver = VirtualGpuDriver.builder().device(DeviceModel.A100, 1 << 20).build();
        try (GpuContext one = driver.createContext(0); GpuContext two = driver.createContext(0)) {
            long address = one.allocate(1000);
            assertThat(address % 256).isZero();
            assertThat(two.memory()).isEqualTo(new GpuContext.MemoryInfo((1 << 20) - 1024, 1 << 20));
            fails("CUDA_ERROR_OUT_OF_MEMORY", () -> two.allocate(1 << 20));
            fails("CUDA_ERROR_INVALID_VALUE", () -> two.allocate(0));
            fails("CUDA_ERROR_INVALID_VALUE", () -> two.free(address));
            long rest = two.allocate((1 << 20) - 1024);
            assertThat(one.memory().free()).isZero();
            two.free(rest);
            one.free(address);
            fails("CUDA_ERROR_INVALID_VALUE", () -> one.free(address));
            one.allocate(4096);
            two.allocate(4096);
        }
        try (GpuContext three = driver.createContext(0)) {
            assertThat(three.memory().free()).isEqualTo(1 << 20);
        }
    }

    @Test
    void takesMemoryOfTheHostOnlyWhereItIsWritten() {
        try (GpuContext context = VirtualGpuDriver.builder().device(DeviceModel.H100).build().createContext(0)) {
            long address = context.allocate(70L << 30);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment host = arena.allocate(64);
                host.set(ValueLayout.JAVA_LONG, 56, 42);
                // Across a page.
                context.copyToDevice(address + (60L << 30) - 8, host, 0);
                context.synchronize(0);
                host.fill((byte) 0);
                context.copyToHost(host, address + (60L << 30) - 8, 0);
                context.synchronize(0);
                assertThat(host.get(ValueLayout.JAVA_LONG, 56)).isEqualTo(42);
            }
        }
    }

    @Test
    void ordersWorkOfOneStreamAndByEvents() {
        try (TestGpu gpu = new TestGpu(ADD)) {
            GpuContext context = gpu.context;
            long word = gpu.upload(1);
            context.synchronize(0);
            long one = context.createStream();
            long two = context.createStream();
            long event = context.createEvent();
            int expected = 1;
            for (int i = 0; i < 50; i++) {
                long from = i % 2 == 0 ? one : two;
                context.launch(gpu.prepare("k", 1, 1, 0, word, i), from);
                context.launch(gpu.prepare("k", 1, 1, 0, word, 7), from);
                context.recordEvent(event, from);
                context.waitEvent(i % 2 == 0 ? two : one, event);
                expected = (expected * 3 + i) * 3 + 7;
            }
            long end = context.createEvent();
            context.recordEvent(end, one);
            context.synchronizeEvent(end);
            assertThat(context.isDone(end)).isTrue();
            assertThat(context.elapsedMillis(event, end)).isBetween(0f, 60_000f);
            context.synchronize(two);
            assertThat(gpu.ints(word, 1)).containsExactly(expected);
            context.destroyEvent(event);
            context.destroyStream(one);
            fails("CUDA_ERROR_INVALID_HANDLE", () -> context.synchronize(one));
            fails("CUDA_ERROR_INVALID_HANDLE", () -> context.recordEvent(event, two));
        }
    }

    @Test
    void replaysGraphsWithTheArgumentsOfTheirRecording() {
        try (TestGpu gpu = new TestGpu(ADD)) {
            GpuContext context = gpu.context;
            long word = gpu.upload(1);
            long copy = gpu.upload(0);
            context.synchronize(0);
            long stream = context.createStream();
            long side = context.createStream();
            long event = context.createEvent();
            KernelLaunch launch = gpu.prepare("k", 1, 1, 0, word, 5);
            context.beginCapture(stream);
            context.launch(launch, stream);
            launch.set(1, 1);
            context.launch(launch, stream);
            context.recordEvent(event, stream);
            context.waitEvent(side, event);
            context.copyOnDevice(copy, word, 4, side);
            context.recordEvent(event, side);
            context.waitEvent(stream, event);
            long graph = context.endCapture(stream);
            launch.set(1, 1000);
            assertThat(gpu.ints(word, 1)).as("recording runs nothing").containsExactly(1);
            context.launchGraph(graph, stream);
            context.launchGraph(graph, stream);
            context.synchronize(stream);
            int expected = ((1 * 3 + 5) * 3 + 1) * 3 + 5;
            assertThat(gpu.ints(copy, 1)).containsExactly(expected * 3 + 1);
            assertThat(gpu.statistics).hasSize(4);
            context.destroyGraph(graph);
            fails("CUDA_ERROR_INVALID_HANDLE", () -> context.launchGraph(graph, stream));
            fails("CUDA_ERROR_INVALID_VALUE", () -> context.endCapture(stream));
        }
    }

    @Test
    void refusesWhatADriverRefusesWhileAGraphIsRecorded() {
        try (TestGpu gpu = new TestGpu(ADD)) {
            GpuContext context = gpu.context;
            long word = gpu.upload(1);
            long stream = context.createStream();
            long spare = context.allocate(8);
            long module = context.loadModule("another", ADD.getBytes(StandardCharsets.UTF_8));
            MatmulLibrary library = context.matmulLibrary().orElseThrow();
            MatmulLibrary.Shape shape =
                    new MatmulLibrary.Shape(1, 1, 1, MatmulLibrary.Type.F32, MatmulLibrary.Type.F32);
            long plan = library.plan(shape, 0);
            MemorySegment pinned = context.allocateHost(8);
            KernelLaunch launch = gpu.prepare("k", 1, 1, 0, word, 5);
            Map<String, Runnable> forbidden = new LinkedHashMap<>();
            forbidden.put("allocate", () -> context.allocate(8));
            forbidden.put("free", () -> context.free(spare));
            forbidden.put("allocateHost", () -> context.allocateHost(8));
            forbidden.put("freeHost", () -> context.freeHost(pinned));
            forbidden.put("loadModule", () -> context.loadModule("again", ADD.getBytes(StandardCharsets.UTF_8)));
            forbidden.put("function", () -> context.function(module, "k"));
            forbidden.put("synchronize", () -> context.synchronize(stream));
            forbidden.put("plan", () -> library.plan(shape, 0));
            forbidden.put("first run", () -> library.run(plan, word, word, word, 0, stream));
            forbidden.forEach((name, call) -> {
                context.beginCapture(stream);
                context.launch(launch, stream);
                assertThatThrownBy(call::run).as(name).hasMessageContaining("CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED (900)");
                fails("CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", () -> context.launch(launch, stream));
                fails("CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", () -> context.endCapture(stream));
                call.run();
            });
        }
    }

    @Test
    void anEventOfARecordingIsNotReached() {
        try (TestGpu gpu = new TestGpu(ADD)) {
            GpuContext context = gpu.context;
            long stream = context.createStream();
            long event = context.createEvent();
            for (Runnable call : List.<Runnable>of(() -> context.isDone(event), () -> context.synchronizeEvent(event))) {
                context.beginCapture(stream);
                context.recordEvent(event, stream);
                fails("CUDA_ERROR_CAPTURED_EVENT", call::run);
                fails("CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", () -> context.endCapture(stream));
            }
            context.recordEvent(event, stream);
            context.synchronizeEvent(event);
            assertThat(context.isDone(event)).isTrue();
        }
    }

    /** Another engine of the process may go on meanwhile. */
    @Test
    void anotherThreadIsFreeWhileAGraphIsRecorded() throws Exception {
        try (TestGpu gpu = new TestGpu(ADD)) {
            GpuContext context = gpu.context;
            long stream = context.createStream();
            context.beginCapture(stream);
            CompletableFuture.runAsync(() -> context.free(context.allocate(8))).get(60, TimeUnit.SECONDS);
            context.destroyGraph(context.endCapture(stream));
        }
    }

    @Test
    void validatesLaunches() {
        String bounded = ADD.replace(".param .u32 k1)", ".param .u32 k1)\n.maxntid 64, 1, 1").replace("{\n",
                "{\n.shared .align 16 .b8 s[1024];\n");
        try (TestGpu gpu = new TestGpu(bounded)) {
            long word = gpu.upload(1);
            fails("CUDA_ERROR_INVALID_VALUE", () -> gpu.run("k", 0, 1, 0, word, 1));
            fails("CUDA_ERROR_INVALID_VALUE", () -> gpu.run("k", 1, 1025, 0, word, 1));
            fails("CUDA_ERROR_INVALID_VALUE", () -> gpu.context.launch(gpu.prepare("k", 1, 1, 0, word, 1).grid(1,
                    65536, 1), 0));
            fails("CUDA_ERROR_INVALID_VALUE", () -> gpu.context.launch(gpu.prepare("k", 1, 1, 0, word, 1).block(1, 1,
                    65), 0));
            fails("CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", () -> gpu.run("k", 1, 96, 0, word, 1));
            gpu.run("k", 1, 64, 47 << 10, word, 1);
            fails("CUDA_ERROR_INVALID_VALUE", () -> gpu.run("k", 1, 64, 48 << 10, word, 1));
            long function = gpu.prepare("k", 1, 1, 0, word, 1).function();
            gpu.context.allowSharedBytes(function, 100 << 10);
            gpu.run("k", 1, 64, 100 << 10, word, 1);
            fails("CUDA_ERROR_INVALID_VALUE", () -> gpu.run("k", 1, 64, (100 << 10) + 1, word, 1));
            fails("CUDA_ERROR_INVALID_VALUE", () -> gpu.context.allowSharedBytes(function, 163 << 10));
            try (Arena arena = Arena.ofConfined()) {
                KernelLaunch wrong = new KernelLaunch(function, new KernelSignature("k", List.of(8, 8)), arena);
                fails("CUDA_ERROR_INVALID_VALUE", () -> gpu.context.launch(wrong, 0));
            }
        }
    }

    @Test
    void estimatesOccupancy() {
        try (TestGpu gpu = new TestGpu(ADD)) {
            long function = gpu.prepare("k", 1, 1, 0).function();
            assertThat(gpu.context.occupancy(function, 1024, 0)).isEqualTo(2);
            assertThat(gpu.context.occupancy(function, 128, 0)).isEqualTo(16);
            assertThat(gpu.context.occupancy(function, 32, 0)).isEqualTo(32);
            assertThat(gpu.context.occupancy(function, 128, 50 << 10)).isEqualTo(3);
            assertThat(gpu.context.occupancy(function, 128, 164 << 10)).isZero();
        }
    }

    private static void refused(String ptx, String... words) {
        try (GpuContext context = VirtualGpuDriver.builder().build().createContext(0)) {
            long free = context.memory().free();
            assertThatThrownBy(() -> context.loadModule("bad", ptx.getBytes(StandardCharsets.US_ASCII)))
                    .isInstanceOf(GpuException.class).hasMessageContaining("loading module bad").hasMessageContainingAll(words);
            assertThat(context.memory().free()).isEqualTo(free);
        }
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        refused(TestGpu.kernel("", ".reg .b32 %r;\nmov.u32 %r, 1;\nfrobnicate.u32 %r, %r;\nret;"),
                "CUDA_ERROR_INVALID_PTX (218)",
                "PTX line 8: the virtual GPU does not know: frobnicate.u32 %r, %r");
        refused(TestGpu.kernel("", ".reg .b32 %r;\nadd.u32.f16 %r, %r, %r;"), "does not know");
        refused(TestGpu.kernel("", ".reg .b64 %r;\nadd.u32 %r, %r, %r;"), "operand does not fit");
        refused(TestGpu.kernel("", ".reg .b32 %r;\nmov.u32 %r, nobody;"), "unknown name nobody");
        refused(TestGpu.kernel("", "bra nowhere;"), "unknown label");
        refused(TestGpu.kernel(".param .align 8 .b8 k0[24]", "ret;"), "is a structure");
        refused(ADD.replace("sm_80", "sm_90"), "CUDA_ERROR_NO_BINARY_FOR_GPU (209)", "compute capability 8.0");
        refused("this is not PTX", "PTX line 1");
        refused(".version 7.0\n.target sm_80\n.address_size 64\n.global .align 4 .u32 x = 3;\n.visible .entry k()\n{\nwgmma.fence;\n}",
                "PTX line 7");
    }

    @Test
    void findsKernels() {
        try (GpuContext context = VirtualGpuDriver.builder().build().createContext(0)) {
            long module = context.loadModule("m", ADD.getBytes(StandardCharsets.US_ASCII));
            long kernel = context.function(module, "k");
            fails("CUDA_ERROR_NOT_FOUND", () -> context.function(module, "other"));
            context.unloadModule(module);
            fails("CUDA_ERROR_INVALID_HANDLE", () -> context.function(module, "k"));
            fails("CUDA_ERROR_INVALID_HANDLE", () -> context.occupancy(kernel, 32, 0));
        }
    }

    @ParameterizedTest
    @EnumSource(MatmulLibrary.Type.class)
    void multipliesMatrices(MatmulLibrary.Type type) {
        int m = 3;
        int n = 5;
        int k = 64;
        Random random = new Random(21);
        float[] a = new float[m * k];
        float[] b = new float[n * k];
        for (int i = 0; i < a.length; i++) {
            a[i] = random.nextInt(9) - 4;
        }
        for (int i = 0; i < b.length; i++) {
            b[i] = (random.nextInt(9) - 4) / 4f;
        }
        try (TestGpu gpu = new TestGpu(ADD); MatmulLibrary library = gpu.context.matmulLibrary().orElseThrow()) {
            long plan = library.plan(new MatmulLibrary.Shape(m, n, k, type, MatmulLibrary.Type.F32), 0);
            long out = gpu.allocate(4 * m * n);
            library.run(plan, upload(gpu, a, type), upload(gpu, b, type), out, 0, 0);
            float[] got = gpu.floats(out, m * n);
            for (int i = 0; i < m * n; i++) {
                float sum = 0;
                for (int j = 0; j < k; j++) {
                    sum += a[i / n * k + j] * b[i % n * k + j];
                }
                assertThat(got[i]).isCloseTo(sum, within(0f));
            }
            long unwritten = gpu.allocate(4L * n * k);
            library.run(plan, upload(gpu, a, type), unwritten, out, 0, 0);
            assertThatThrownBy(() -> gpu.context.synchronize(0)).hasMessageContaining("operand b that was never written");
        }
        assertThat(VirtualGpuDriver.builder().withoutMatmulLibrary().build().createContext(0).matmulLibrary()).isEmpty();
    }

    private static long upload(TestGpu gpu, float[] values, MatmulLibrary.Type type) {
        if (type == MatmulLibrary.Type.F32) {
            return gpu.upload(values);
        }
        short[] narrow = new short[values.length];
        for (int i = 0; i < values.length; i++) {
            narrow[i] = (short) (type == MatmulLibrary.Type.F16 ? Rounded.halfOf(values[i])
                    : Rounded.brainOf(values[i]));
        }
        return gpu.upload(narrow);
    }
}
