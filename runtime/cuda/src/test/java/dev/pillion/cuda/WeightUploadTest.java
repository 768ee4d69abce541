package dev.pillion.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.virtual.VirtualGpuDriver;
import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Weights are copied while the next ones are read, on a stream of their own. */
class WeightUploadTest {
    private static final int PIECE_BYTES = 16 << 20;

    private final GpuContext context = VirtualGpuDriver.builder().build().createContext(0);
    private final Arena arena = Arena.ofShared();
    /** Copies and waits, in order: {@code copy STREAM}, {@code wait EVENT}, {@code record EVENT}, {@code drain STREAM}. */
    private final List<String> calls = new ArrayList<>();
    private final List<Long> arrived = new ArrayList<>();

    @AfterEach
    void close() {
        context.close();
        arena.close();
    }

    private GpuContext recorded() {
        Map<String, Integer> subject =
                new HashMap<>(Map.of("copyToDevice", 2, "synchronizeEvent", 0, "recordEvent", 0, "synchronize", 0));
        return (GpuContext) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {GpuContext.class}, (self, method, arguments) -> {
                    if (subject.containsKey(method.getName())) {
                        calls.add(method.getName() + " " + arguments[subject.get(method.getName())]);
                    }
                    try {
                        return method.invoke(context, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private Tensor tensor(String name, TensorType type, long rows, long columns, long seed) {
        MemorySegment data = arena.allocate(type.bytesFor(rows * columns));
        SplittableRandom random = new SplittableRandom(seed);
        for (long at = 0; at + Long.BYTES <= data.byteSize(); at += Long.BYTES) {
            data.set(ValueLayout.JAVA_LONG_UNALIGNED, at, random.nextLong());
        }
        List<Long> shape = rows == 1 ? List.of(columns) : List.of(rows, columns);
        return new Tensor(name, type, shape, data);
    }

    private MemorySegment onDevice(long address, long bytes) {
        MemorySegment read = arena.allocate(bytes);
        context.copyToHost(read, address, 0);
        context.synchronize(0);
        return read;
    }

    @Test
    void nobodyWaitsForACopyBeforeItsBufferIsNeededAgain() {
        Tensor large = tensor("large", TensorType.F32, 5, PIECE_BYTES / 8, 1);
        DeviceMemory memory = new DeviceMemory(context);
        KernelCache kernels = new KernelCache(context);
        CudaWeight weight;
        try (WeightUpload upload = new WeightUpload(recorded(), memory, kernels, arrived::add)) {
            calls.clear();
            weight = upload.upload(large);
            // Three pieces through two buffers: at the third, the first has to be through; nothing else is waited for.
            assertThat(calls.stream().map(call -> call.split(" ")[0]).toList())
                    .containsExactly(
                            "synchronizeEvent", "copyToDevice", "recordEvent",
                            "synchronizeEvent", "copyToDevice", "recordEvent",
                            "synchronizeEvent", "copyToDevice", "recordEvent");
            assertThat(calls.get(6)).isEqualTo("synchronizeEvent " + calls.get(2).split(" ")[1]);
            assertThat(calls.get(3)).isNotEqualTo("synchronizeEvent " + calls.get(2).split(" ")[1]);
            assertThat(arrived).containsExactly((long) PIECE_BYTES);
            upload.finish();
        }
        List<String> streams = calls.stream().filter(call -> call.startsWith("copyToDevice ")).distinct().toList();
        assertThat(streams).singleElement().isNotEqualTo("copyToDevice 0");
        assertThat(arrived).containsExactly((long) PIECE_BYTES, (long) PIECE_BYTES, PIECE_BYTES / 2L);
        long bytes = large.data().byteSize();
        assertThat(onDevice(weight.main(), bytes).mismatch(large.data())).isEqualTo(-1);
        kernels.unload();
        kernels.release();
        memory.close();
    }

    /** A vector is widened on its way, but what counts is what it takes in the file. */
    @Test
    void bytesAreThoseOfTheFile() {
        DeviceMemory memory = new DeviceMemory(context);
        KernelCache kernels = new KernelCache(context);
        try (WeightUpload upload = new WeightUpload(context, memory, kernels, arrived::add)) {
            upload.upload(tensor("vector", TensorType.F16, 1, 64, 2));
            upload.upload(tensor("blocks", TensorType.Q8_0, 4, 64, 3));
            upload.finish();
            upload.finish();
        }
        assertThat(arrived).containsExactlyInAnyOrder(128L, 4 * 68L);
        kernels.unload();
        kernels.release();
        memory.close();
    }
}
