package dev.pillion.analysis;

import dev.pillion.model.Model;
import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import dev.pillion.spi.Backend;
import dev.pillion.spi.DeviceTensor;
import dev.pillion.spi.KvLayout;
import dev.pillion.spi.KvPool;
import dev.pillion.spi.StepBatch;
import dev.pillion.spi.Weight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Measures a backend's ceilings through the operations it offers the forward pass, so that any backend can be measured:
 * copies of KV blocks, the linear operation with one row and with many, and an operation too small to take time itself.
 *
 * <p>Matrices of the model's weight types are made by repeating the model's own rows until they are beyond every cache.
 */
public final class CeilingMeasurement {
    private static final int F32_COLUMNS = 4096;
    private static final int SMALL_COLUMNS = 16;
    private static final int LAUNCHES = 1000;
    private static final int COPIED_BLOCKS = 4;
    private static final int FEW_ROWS = 64;
    private static final int MOST_ROWS = 8192;
    private static final long ALIGNMENT = 64;
    private static final long SEED = 42;

    private final Backend backend;
    private final Effort effort;
    private final Consumer<String> progress;
    /** Freed by the collector, since the backend may keep hold of the matrices until it closes. */
    private final Arena arena = Arena.ofAuto();
    private final StepBatch step = new StepBatch(1, 1, 1, 1);
    private final KvPool stepCache;

    /**
     * Prepares a measurement.
     *
     * @param backend what to measure; stays the caller's
     * @param effort how long to measure
     * @param progress hears what is being measured
     */
    public CeilingMeasurement(Backend backend, Effort effort, Consumer<String> progress) {
        this.backend = backend;
        this.effort = effort;
        this.progress = progress;
        stepCache = backend.allocateKvPool(new KvLayout(1, 1, 1, 1, TensorType.F32), 1, KvPool.Tier.DEVICE);
        step.beginGroup(0);
        step.addSegment(0, 1, 1);
    }

    /** Measures everything, the linear operation with F32 and with the types of the model's matrices. */
    public MeasuredCeilings measure(Model model) {
        progress.accept("measuring copies");
        double copy = copyBytesPerSecond();
        List<MeasuredCeilings.LinearRate> rates = new ArrayList<>();
        rates.add(rate(randomF32()));
        for (Tensor tensor : oneOfEachType(model).values()) {
            if (tensor.type() != TensorType.F32) {
                rates.add(rate(enlarged(tensor)));
            }
        }
        progress.accept("measuring launches");
        return new MeasuredCeilings(copy, rates, launchSeconds());
    }

    private Map<TensorType, Tensor> oneOfEachType(Model model) {
        Map<TensorType, Tensor> found = new LinkedHashMap<>();
        for (Tensor tensor : model.tensors().values()) {
            if (tensor.shape().size() == 2) {
                found.merge(tensor.type(), tensor, (a, b) -> a.data().byteSize() >= b.data().byteSize() ? a : b);
            }
        }
        return found;
    }

    private double copyBytesPerSecond() {
        int heads = 8;
        int headDim = 128;
        long bytesPerToken = 2L * heads * headDim * Float.BYTES;
        int blockTokens = (int) Math.max(1, effort.matrixBytes() / COPIED_BLOCKS / bytesPerToken);
        KvLayout layout = new KvLayout(1, heads, headDim, blockTokens, TensorType.F32);
        KvPool pool = backend.allocateKvPool(layout, COPIED_BLOCKS, KvPool.Tier.DEVICE);
        double seconds = effort.stepWatch().medianSeconds(() -> {
            for (int block = 0; block < COPIED_BLOCKS; block++) {
                backend.copyBlock(pool, block, pool, (block + 1) % COPIED_BLOCKS);
            }
            inStep(() -> {});
        });
        return 2.0 * COPIED_BLOCKS * layout.bytesPerBlock() / seconds;
    }

    private MeasuredCeilings.LinearRate rate(Tensor tensor) {
        progress.accept("measuring the linear operation with " + tensor.type() + " weights");
        Weight weight = backend.weight(tensor);
        double readSeconds = linearSeconds(weight, 1);
        int rows = FEW_ROWS;
        double best = 0;
        double seconds;
        do {
            seconds = linearSeconds(weight, rows);
            best = Math.max(best, 2.0 * rows * weight.rows() * weight.columns() / seconds);
            rows *= 2;
        } while (seconds < effort.runSeconds() && rows <= MOST_ROWS);
        return new MeasuredCeilings.LinearRate(tensor.type(), weight.bytes() / readSeconds, best);
    }

    private double linearSeconds(Weight weight, int rows) {
        DeviceTensor in = backend.allocate(rows, weight.columns());
        DeviceTensor out = backend.allocate(rows, weight.rows());
        return effort.stepWatch().medianSeconds(() -> inStep(() -> backend.linear(in, weight, null, out, rows)));
    }

    private double launchSeconds() {
        DeviceTensor x = backend.allocate(1, SMALL_COLUMNS);
        DeviceTensor y = backend.allocate(1, SMALL_COLUMNS);
        double seconds = effort.stepWatch().medianSeconds(() -> inStep(() -> {
            for (int i = 0; i < LAUNCHES; i++) {
                backend.add(x, y);
            }
        }));
        return seconds / LAUNCHES;
    }

    private void inStep(Runnable operations) {
        backend.begin(step, stepCache);
        operations.run();
        backend.finish();
    }

    private Tensor randomF32() {
        long rows = Math.max(1, effort.matrixBytes() / (F32_COLUMNS * Float.BYTES));
        MemorySegment data = arena.allocate(rows * F32_COLUMNS * Float.BYTES, ALIGNMENT);
        SplittableRandom random = new SplittableRandom(SEED);
        for (long i = 0; i < rows * F32_COLUMNS; i++) {
            data.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (random.nextDouble() - 0.5));
        }
        return new Tensor("f32", TensorType.F32, List.of(rows, (long) F32_COLUMNS), data);
    }

    private Tensor enlarged(Tensor tensor) {
        long repeats = Math.max(1, effort.matrixBytes() / tensor.data().byteSize());
        long size = tensor.data().byteSize();
        MemorySegment data = arena.allocate(repeats * size, ALIGNMENT);
        for (long i = 0; i < repeats; i++) {
            MemorySegment.copy(tensor.data(), 0, data, i * size, size);
        }
        return new Tensor(tensor.name(), tensor.type(), List.of(repeats * tensor.rows(), tensor.columns()), data);
    }
}
