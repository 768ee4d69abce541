package dev.pillion.kernels.virtual;

import dev.pillion.kernels.driver.MatmulLibrary;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Matrix multiplication in place of the vendor's: sums in F32 in the order of {@code k}, rounded to nearest at the end. As the
 * vendor's, it loads the kernel of a plan when that runs first, which must not happen while a graph is recorded.
 */
final class VirtualMatmul implements MatmulLibrary {
    private final VirtualGpuContext context;
    private final DeviceMemory memory;
    private final Checks checks;
    private final Handles<Plan> plans = new Handles<>("matmul plan");

    private static final class Plan {
        final Shape shape;
        boolean loaded;

        Plan(Shape shape) {
            this.shape = shape;
        }
    }

    VirtualMatmul(VirtualGpuContext context, DeviceMemory memory, Checks checks) {
        this.context = context;
        this.memory = memory;
        this.checks = checks;
    }

    @Override
    public String description() {
        return "virtual matrix library";
    }

    @Override
    public long plan(Shape shape, long workspaceBytes) {
        context.enterUncaptured("planning " + shape);
        if (shape.m() <= 0 || shape.n() <= 0 || shape.k() <= 0 || workspaceBytes < 0) {
            throw CudaResult.INVALID_VALUE.exception("planning " + shape);
        }
        return plans.add(new Plan(shape));
    }

    @Override
    public void run(long plan, long a, long b, long out, long workspace, long stream) {
        Plan found = plans.get(plan);
        Shape shape = found.shape;
        if (found.loaded) {
            context.enter("matrix multiplication");
        } else {
            context.enterUncaptured("loading the kernel for " + shape);
            found.loaded = true;
        }
        context.put(stream, () -> multiply(shape, a, b, out));
    }

    private void multiply(Shape shape, long a, long b, long out) {
        int m = shape.m();
        int n = shape.n();
        int k = shape.k();
        float[] left = read("a", a, m * k, shape.input());
        float[] right = transposed(read("b", b, n * k, shape.input()), n, k);
        float[] sums = new float[n];
        for (int row = 0; row < m; row++) {
            Arrays.fill(sums, 0f);
            for (int i = 0; i < k; i++) {
                accumulate(sums, left[row * k + i], right, i * n);
            }
            write(out + (long) row * n * bytes(shape.output()), sums, shape.output());
        }
    }

    private static void accumulate(float[] sums, float factor, float[] right, int from) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] = Math.fma(factor, right[from + i], sums[i]);
        }
    }

    private static float[] transposed(float[] matrix, int rows, int columns) {
        float[] result = new float[matrix.length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                result[c * rows + r] = matrix[r * columns + c];
            }
        }
        return result;
    }

    private static int bytes(Type type) {
        return type == Type.F32 ? 4 : 2;
    }

    private float[] read(String name, long address, int count, Type type) {
        int bytes = bytes(type);
        requireRange(name, address, (long) count * bytes);
        if (checks.unwritten() && memory.firstUnwritten(address, (long) count * bytes) >= 0) {
            throw new KernelFault(CudaResult.LAUNCH_FAILED, Check.UNWRITTEN, "matrix multiplication: read of operand "
                    + name + " that was never written: " + memory.describe(memory.firstUnwritten(address,
                    (long) count * bytes)));
        }
        byte[] content = new byte[count * bytes];
        memory.read(address, MemorySegment.ofArray(content));
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = switch (type) {
                case F32 -> Float.intBitsToFloat(Bytes.getInt(content, 4 * i));
                case F16 -> Rounded.fromHalf(Bytes.getShort(content, 2 * i));
                case BF16 -> Rounded.fromBrain(Bytes.getShort(content, 2 * i));
            };
        }
        return values;
    }

    private void write(long address, float[] values, Type type) {
        int bytes = bytes(type);
        requireRange("out", address, (long) values.length * bytes);
        byte[] content = new byte[values.length * bytes];
        for (int i = 0; i < values.length; i++) {
            switch (type) {
                case F32 -> Bytes.putInt(content, 4 * i, Float.floatToRawIntBits(values[i]));
                case F16 -> Bytes.putShort(content, 2 * i, Rounded.halfOf(values[i]));
                case BF16 -> Bytes.putShort(content, 2 * i, Rounded.brainOf(values[i]));
            }
        }
        memory.write(address, MemorySegment.ofArray(content));
    }

    private void requireRange(String name, long address, long bytes) {
        if (!memory.contains(address, bytes)) {
            throw new KernelFault(CudaResult.ILLEGAL_ADDRESS, Check.BOUNDS, "matrix multiplication: operand " + name
                    + " of " + bytes + " bytes at 0x" + Long.toHexString(address) + ": " + memory.describe(address));
        }
    }

    @Override
    public void forget(long plan) {
        plans.remove(plan);
    }

    @Override
    public void close() {
        plans.clear();
    }
}
