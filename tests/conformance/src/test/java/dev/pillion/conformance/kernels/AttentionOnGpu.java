package dev.pillion.conformance.kernels;

import dev.pillion.kernels.AttentionGeometry;
import dev.pillion.kernels.AttentionItems;
import dev.pillion.kernels.AttentionKernel;
import dev.pillion.kernels.AttentionPlanner;
import java.util.ArrayList;
import java.util.List;

/** Runs the attention kernels over a scenario. */
final class AttentionOnGpu implements AutoCloseable {
    private final GpuUnderTest gpu;
    private final KernelRun run;
    private final AttentionScenario scenario;
    private final AttentionGeometry geometry;
    private final long q;
    private final long pool;
    private final long blocks;
    private final long positions;
    private final KernelRun.Output out;
    private final KernelRun.Output partialOut;
    private final KernelRun.Output partialLse;

    AttentionOnGpu(GpuUnderTest gpu, AttentionScenario scenario, int partialCapacity) {
        this.gpu = gpu;
        this.scenario = scenario;
        run = new KernelRun(gpu);
        geometry = scenario.geometry;
        q = run.input(scenario.type.encode(scenario.q));
        pool = run.input(scenario.type.encode(scenario.pool));
        blocks = run.input(scenario.blocks);
        positions = run.input(scenario.batch.positions());
        out = run.output((long) scenario.q.length * scenario.type.bytes);
        partialOut = run.output((long) Float.BYTES * partialCapacity * geometry.heads() * geometry.headDim());
        partialLse = run.output((long) Float.BYTES * partialCapacity * geometry.heads());
    }

    /** Runs a plan, all places of its items included, and the merge. */
    void run(AttentionPlanner planner) {
        attend(geometry.small(), planner.small().ints());
        if (planner.large().count() > 0) {
            attend(geometry.large(), planner.large().ints());
        }
        if (planner.partials() > 0) {
            merge(planner.partialStart(), planner.partialSlots());
        }
    }

    /** Runs one kernel over items. */
    void attend(AttentionKernel kernel, int[] items) {
        List<Object> arguments = new ArrayList<>(List.of(q, pool, out, partialOut, partialLse, run.input(items), blocks,
                positions, scenario.blockStride(), scenario.layerOffset(), scenario.batch.blockTokens(),
                geometry.heads(), geometry.kvHeads(), scenario.scale, scenario.softCap));
        if (kernel == AttentionKernel.ANY) {
            arguments.add(geometry.headDim());
        }
        run.launch(geometry.module(), geometry.entry(kernel), launch -> {
            gpu.context().allowSharedBytes(launch.function(), geometry.sharedBytes(kernel));
            return geometry.set(launch, kernel, items.length / AttentionItems.INTS);
        }, arguments.toArray());
    }

    /** Merges partial results. */
    void merge(int[] partialStart, int[] partialSlots) {
        run.launch(geometry.merge(), geometry.merge(), launch -> geometry.setMerge(launch, scenario.tokens), partialOut,
                partialLse, run.input(partialSlots), run.input(partialStart), out, scenario.tokens, geometry.heads(),
                geometry.headDim());
    }

    /** {@code [token][head][headDim]}. */
    float[] out() {
        return run.read(out, scenario.type);
    }

    /** {@code [slot][head][headDim]}. */
    float[] partialOut() {
        return run.read(partialOut, Element.F32);
    }

    /** {@code [slot][head]}. */
    float[] partialLse() {
        return run.read(partialLse, Element.F32);
    }

    @Override
    public void close() {
        run.close();
    }
}
