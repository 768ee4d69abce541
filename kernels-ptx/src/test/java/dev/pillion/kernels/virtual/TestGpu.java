package dev.pillion.kernels.virtual;

import dev.pillion.kernels.driver.KernelLaunch;
import dev.pillion.kernels.driver.KernelSignature;
import dev.pillion.kernels.ptx.PtxFunction;
import dev.pillion.kernels.ptx.PtxModule;
import dev.pillion.kernels.ptx.PtxParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A context on a virtual GPU with a module, and short ways to put arrays there and to launch kernels. */
final class TestGpu implements AutoCloseable {
    final VirtualGpuContext context;
    final List<LaunchStatistics> statistics = new ArrayList<>();
    private final Arena arena = Arena.ofShared();
    private final PtxModule module;
    private final long handle;

    TestGpu(String ptx) {
        this(ptx, VirtualGpuDriver.builder());
    }

    TestGpu(String ptx, VirtualGpuDriver.Builder builder) {
        byte[] text = ptx.getBytes(StandardCharsets.US_ASCII);
        module = PtxParser.parse(text);
        context = builder.listener(s -> {
            synchronized (statistics) {
                statistics.add(s);
            }
        }).build().createContext(0);
        handle = context.loadModule("test", text);
    }

    /** Text of a module among the test resources. */
    static String resource(String name) {
        try (InputStream in = TestGpu.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A module with one kernel {@code k}. */
    static String kernel(String parameters, String body) {
        return ".version 7.0\n.target sm_80\n.address_size 64\n.visible .entry k(" + parameters + ")\n{\n" + body
                + "\n}\n";
    }

    long allocate(long bytes) {
        return context.allocate(bytes);
    }

    long upload(int... values) {
        return upload(MemorySegment.ofArray(values));
    }

    long upload(float... values) {
        return upload(MemorySegment.ofArray(values));
    }

    long upload(long... values) {
        return upload(MemorySegment.ofArray(values));
    }

    long upload(short... values) {
        return upload(MemorySegment.ofArray(values));
    }

    long upload(byte... values) {
        return upload(MemorySegment.ofArray(values));
    }

    private long upload(MemorySegment values) {
        MemorySegment copy = arena.allocate(values.byteSize(), 16);
        copy.copyFrom(values);
        long address = context.allocate(values.byteSize());
        context.copyToDevice(address, copy, 0);
        return address;
    }

    private MemorySegment download(long address, long bytes) {
        MemorySegment copy = arena.allocate(bytes, 16);
        context.copyToHost(copy, address, 0);
        context.synchronize(0);
        return copy;
    }

    int[] ints(long address, int count) {
        return download(address, 4L * count).toArray(ValueLayout.JAVA_INT);
    }

    float[] floats(long address, int count) {
        return download(address, 4L * count).toArray(ValueLayout.JAVA_FLOAT);
    }

    long[] longs(long address, int count) {
        return download(address, 8L * count).toArray(ValueLayout.JAVA_LONG);
    }

    short[] shorts(long address, int count) {
        return download(address, 2L * count).toArray(ValueLayout.JAVA_SHORT);
    }

    /** Makes a launch: arguments are {@code Long}, {@code Integer} or {@code Float}. */
    KernelLaunch prepare(String kernel, int grid, int block, int sharedBytes, Object... arguments) {
        KernelSignature signature = module.function(kernel).map(PtxFunction::signature).orElseThrow();
        KernelLaunch launch = new KernelLaunch(context.function(handle, kernel), signature, arena)
                .grid(grid, 1, 1).block(block, 1, 1).shared(sharedBytes);
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case Long value -> launch.set(i, value);
                case Integer value -> launch.set(i, value);
                case Float value -> launch.set(i, value);
                default -> throw new IllegalArgumentException(arguments[i].toString());
            }
        }
        return launch;
    }

    /** Launches and waits. */
    void run(String kernel, int grid, int block, int sharedBytes, Object... arguments) {
        context.launch(prepare(kernel, grid, block, sharedBytes, arguments), 0);
        context.synchronize(0);
    }

    @Override
    public void close() {
        context.close();
        arena.close();
    }
}
