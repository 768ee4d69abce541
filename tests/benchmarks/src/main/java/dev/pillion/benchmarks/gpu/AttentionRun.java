package dev.pillion.benchmarks.gpu;

import dev.pillion.benchmarks.gpu.KernelLine.Launches;
import dev.pillion.kernels.AttentionGeometry;
import dev.pillion.kernels.AttentionItems;
import dev.pillion.kernels.AttentionKernel;
import dev.pillion.kernels.AttentionPlanner;
import dev.pillion.kernels.driver.KernelLaunch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The launches of one layer's attention as a step makes them: the planner's items for either kernel, and the merge if
 * something was cut. Layers of one pool take turns, blocks lying as far apart as in a model of so many layers.
 */
final class AttentionRun implements Launches {
    private static final int MOST_LAYERS = 32;
    /** All layers together are so many times as large as the cache. */
    private static final int CACHES = 4;
    private static final long MOST_POOL_BYTES = 48L << 30;

    private final BenchmarkGpu gpu;
    private final LineMemory memory;
    private final AttentionLoad load;
    private final AttentionGeometry geometry;
    private final int layers;
    private final List<KernelLaunch> attends = new ArrayList<>();
    private final List<KernelLaunch> launches = new ArrayList<>();
    private final AttentionPlanner planner;

    AttentionRun(AttentionLoad load, BenchmarkGpu gpu, LineMemory memory) {
        this.gpu = gpu;
        this.memory = memory;
        this.load = load;
        geometry = load.geometry();
        layers = layers();
        planner = planner();
        planner.plan(load.batch(), load.groups(), Integer.MAX_VALUE);
        enqueueable();
    }

    private int layers() {
        long layerBytes = load.blocks() * load.blockElements() * load.elementBytes();
        long wanted = gpu.isVirtual() ? 1 : CACHES * gpu.context().device().l2Bytes() / layerBytes + 1;
        return (int) Math.clamp(Math.min(wanted, MOST_POOL_BYTES / layerBytes), 1, MOST_LAYERS);
    }

    private AttentionPlanner planner() {
        int small = blocksAtOnce(geometry.small());
        int large = blocksAtOnce(geometry.large());
        int tokens = load.queries();
        int segments = load.sequences();
        AttentionPlanner.Limits limits = new AttentionPlanner.Limits(
                tokens,
                2 * segments + small + Math.ceilDiv(tokens, geometry.mostTokens(geometry.small())),
                2 * segments + large + Math.ceilDiv(tokens, geometry.mostTokens(geometry.large())),
                2 * (tokens + segments));
        return new AttentionPlanner(geometry, limits, small, large);
    }

    private int blocksAtOnce(AttentionKernel kernel) {
        KernelLaunch launch = gpu.kernel(geometry.entry(kernel));
        gpu.context().allowSharedBytes(launch.function(), geometry.sharedBytes(kernel));
        int each = gpu.context().occupancy(launch.function(), geometry.threads(), geometry.sharedBytes(kernel));
        return Math.max(1, each) * gpu.context().device().multiprocessors();
    }

    private void enqueueable() {
        Content content = Content.activations(geometry.compute());
        long q = memory.single(load.queryBytes(), content);
        long out = memory.single(load.queryBytes());
        long pool = memory.single(
                layers * load.blocks() * load.blockElements() * load.elementBytes(), content);
        long rows = (long) Math.max(1, planner.partials()) * geometry.heads();
        long partialOut = memory.single(Float.BYTES * rows * geometry.headDim());
        long partialLse = memory.single(Float.BYTES * rows);
        long tables = memory.ints(load.tables());
        long positions = memory.ints(load.batch().positions());
        attend(geometry.small(), planner.small(), q, pool, out, partialOut, partialLse, tables, positions);
        if (planner.large().count() > 0) {
            attend(geometry.large(), planner.large(), q, pool, out, partialOut, partialLse, tables, positions);
        }
        launches.addAll(attends);
        if (planner.partials() > 0) {
            int[] start = Arrays.copyOf(planner.partialStart(), load.queries() + 1);
            launches.add(merge(gpu, geometry, partialOut, partialLse,
                    memory.ints(Arrays.copyOf(planner.partialSlots(), start[load.queries()])), memory.ints(start), out,
                    load.queries()));
        }
    }

    private void attend(AttentionKernel kernel, AttentionItems items, long... places) {
        if (items.count() == 0) {
            return;
        }
        KernelLaunch launch = gpu.kernel(geometry.entry(kernel));
        for (int i = 0; i < 5; i++) {
            launch.set(i, places[i]);
        }
        launch.set(5, memory.ints(Arrays.copyOf(items.ints(), AttentionItems.INTS * items.count())))
                .set(6, places[5])
                .set(7, places[6])
                .set(8, layers * load.blockElements())
                .set(10, AttentionLoad.BLOCK_TOKENS)
                .set(11, geometry.heads())
                .set(12, geometry.kvHeads())
                .set(13, (float) (1 / Math.sqrt(geometry.headDim())))
                .set(14, 0f);
        if (kernel == AttentionKernel.ANY) {
            launch.set(15, geometry.headDim());
        }
        attends.add(geometry.set(launch, kernel, items.count()));
    }

    /** A launch of the merge. */
    static KernelLaunch merge(
            BenchmarkGpu gpu, AttentionGeometry geometry, long partialOut, long partialLse, long slots, long start, long out,
            int tokens) {
        KernelLaunch launch = gpu.kernel(geometry.merge())
                .set(0, partialOut)
                .set(1, partialLse)
                .set(2, slots)
                .set(3, start)
                .set(4, out)
                .set(5, tokens)
                .set(6, geometry.heads())
                .set(7, geometry.headDim());
        return geometry.setMerge(launch, tokens);
    }

    @Override
    public void enqueue(int turn) {
        for (KernelLaunch attend : attends) {
            attend.set(9, turn % layers * load.blockElements());
        }
        for (KernelLaunch launch : launches) {
            gpu.launch(launch);
        }
    }

    /** Turns after which the same layer comes again. */
    @Override
    public int turns() {
        return layers;
    }

    @Override
    public String note() {
        return planner.small().count() + " small and " + planner.large().count() + " large items, " + planner.partials()
                + " partial results, " + layers + " layers";
    }
}
