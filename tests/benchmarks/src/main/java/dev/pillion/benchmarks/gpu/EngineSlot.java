package dev.pillion.benchmarks.gpu;

import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import dev.pillion.benchmarks.Shapes;
import dev.pillion.cuda.NativeGpuDriver;
import dev.pillion.model.SyntheticModel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The one engine that is open: the device's memory is for one, and scenarios in a row that want the same share it. */
final class EngineSlot implements AutoCloseable {
    /** What drivers, graphs and the library's workspace take, and what allocations are rounded up to. */
    private static final long RESERVE = 8L << 30;

    private static final long VIRTUAL_KV_BYTES = 4 << 20;
    private static final int SEED = 11;

    private final EndToEndOptions asked;
    private @Nullable EngineSetup setup;
    private @Nullable Engine engine;

    EngineSlot(EndToEndOptions asked) {
        this.asked = asked;
    }

    /** The engine of a setup; another one that was open is closed. */
    Engine get(EngineSetup wanted) {
        if (engine == null || !wanted.equals(setup)) {
            close();
            long start = System.nanoTime();
            EngineOptions options = wanted.options()
                    .backend(asked.backend())
                    .kvBytes(kvBytes(wanted))
                    .build();
            engine = Engine.open(
                    SyntheticModel.withEqualLayers(wanted.description(), wanted.type(), SEED), options);
            setup = wanted;
            System.out.printf(
                    "%s open after %.1f s: %s; %s%n",
                    wanted.shape(), (System.nanoTime() - start) / 1e9, engine.backendReport(), engine.memoryPlan());
        }
        return engine;
    }

    private long kvBytes(EngineSetup wanted) {
        if (asked.virtual()) {
            return VIRTUAL_KV_BYTES;
        }
        try (NativeGpuDriver driver = NativeGpuDriver.open(Optional.empty())) {
            long weights = GpuShapes.weightBytesPerStep(wanted.description(), wanted.type())
                    + wanted.type().bytesFor(Shapes.outputParameters(wanted.description()));
            return Math.max(1L << 30, driver.device(0).totalMemoryBytes() - weights - RESERVE);
        }
    }

    @Override
    public void close() {
        if (engine != null) {
            engine.close();
            engine = null;
        }
    }
}
