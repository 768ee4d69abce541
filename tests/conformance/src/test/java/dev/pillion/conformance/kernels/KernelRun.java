package dev.pillion.conformance.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.KernelLaunch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Device memory of one test case and launches on it. What a kernel only reads is allocated to the byte, so that the
 * virtual GPU sees reads past the end; what it writes lies between guard bytes, which every download checks.
 */
final class KernelRun implements AutoCloseable {
    private static final int GUARD_BYTES = 256;
    private static final byte GUARD = (byte) 0xA5;

    private final GpuUnderTest gpu;
    private final GpuContext context;
    private final Arena arena = Arena.ofConfined();
    private final List<Long> allocations = new ArrayList<>();

    /** A place that a kernel writes to. */
    record Output(long address, long bytes) {}

    KernelRun(GpuUnderTest gpu) {
        this.gpu = gpu;
        context = gpu.context();
    }

    private long allocate(long bytes) {
        long address = context.allocate(Math.max(1, bytes));
        allocations.add(address);
        return address;
    }

    /** Puts what a kernel only reads on the device. */
    long input(MemorySegment content) {
        long address = allocate(content.byteSize());
        upload(address, content);
        return address;
    }

    /** Integers that a kernel only reads. */
    long input(int[] content) {
        MemorySegment stored = arena.allocate(Math.max(4, 4L * content.length), 16);
        MemorySegment.copy(content, 0, stored, ValueLayout.JAVA_INT, 0, content.length);
        return input(stored);
    }

    /** Numbers in f32 that a kernel only reads. */
    long input(float[] content) {
        return input(Element.F32.encode(content));
    }

    /** A place that a kernel writes every byte of; until then it holds the guards' bytes. */
    Output output(long bytes) {
        long address = allocate(bytes + 2 * GUARD_BYTES);
        context.fill(address, GUARD, bytes + 2 * GUARD_BYTES, gpu.stream());
        return new Output(address + GUARD_BYTES, bytes);
    }

    /** A place that a kernel reads and writes. */
    Output inOut(MemorySegment content) {
        Output place = output(content.byteSize());
        upload(place.address(), content);
        return place;
    }

    private void upload(long address, MemorySegment content) {
        MemorySegment staging = arena.allocate(content.byteSize(), 16).copyFrom(content);
        context.copyToDevice(address, staging, gpu.stream());
        context.synchronize(gpu.stream());
    }

    /** Launches a kernel; arguments are {@code Long}, {@code Integer}, {@code Float} or {@link Output}. */
    void launch(String module, String entry, UnaryOperator<KernelLaunch> geometry, Object... arguments) {
        KernelLaunch launch = gpu.kernel(module, entry, arena);
        assertThat(arguments).as("arguments of %s", entry).hasSize(launch.signature().count());
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case Long value -> launch.set(i, value.longValue());
                case Integer value -> launch.set(i, value.intValue());
                case Float value -> launch.set(i, value.floatValue());
                case Output output -> launch.set(i, output.address());
                default -> throw new IllegalArgumentException("argument " + i + " is a " + arguments[i].getClass());
            }
        }
        context.launch(geometry.apply(launch), gpu.stream());
    }

    /** What a kernel wrote, after the guards around it were checked. */
    MemorySegment read(Output output) {
        MemorySegment all = arena.allocate(output.bytes() + 2 * GUARD_BYTES, 16);
        context.copyToHost(all, output.address() - GUARD_BYTES, gpu.stream());
        context.synchronize(gpu.stream());
        for (int i = 0; i < GUARD_BYTES; i++) {
            assertThat(all.get(ValueLayout.JAVA_BYTE, i)).as("guard byte %d before", i).isEqualTo(GUARD);
            long after = GUARD_BYTES + output.bytes() + i;
            assertThat(all.get(ValueLayout.JAVA_BYTE, after)).as("guard byte %d after", i).isEqualTo(GUARD);
        }
        return all.asSlice(GUARD_BYTES, output.bytes());
    }

    /** What a kernel wrote, as integers. */
    int[] readInts(Output output) {
        return read(output).toArray(ValueLayout.JAVA_INT);
    }

    /** What a kernel wrote, as numbers. */
    float[] read(Output output, Element element) {
        return element.decode(read(output));
    }

    @Override
    public void close() {
        for (long address : allocations) {
            context.free(address);
        }
        arena.close();
    }
}
