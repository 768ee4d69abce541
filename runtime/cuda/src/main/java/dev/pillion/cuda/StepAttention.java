package dev.pillion.cuda;

import dev.pillion.kernels.AttentionBatch;
import dev.pillion.kernels.AttentionGeometry;
import dev.pillion.kernels.AttentionItems;
import dev.pillion.kernels.AttentionKernel;
import dev.pillion.kernels.AttentionPlanner;
import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.KernelLaunch;
import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.StepBatch;

/**
 * The attention of the layers that see so many positions: plans it for each step and puts it on the stream. In a graph the
 * numbers of items are padded to powers of two, so that a growing context seldom asks for another graph.
 */
final class StepAttention {
    private final GpuContext context;
    private final KernelLaunch smallLaunch;
    private final KernelLaunch largeLaunch;
    private final KernelLaunch mergeLaunch;
    private final long stream;
    private final AttentionGeometry geometry;
    private final AttentionPlanner planner;
    private final AttentionPlanner.Limits limits;
    private final int windowTokens;
    private final long partialOut;
    private final long partialLse;
    private final long smallPlace;
    private final long largePlace;
    private final long startPlace;
    private final long slotPlace;
    private int smallItems;
    private int largeItems;

    /**
     * Compiles the kernels and makes room for partial results.
     *
     * @param spec one of the layers
     * @param batch its capacities are those of the largest step
     * @param place where this plan's ints begin among the attention's
     */
    StepAttention(
            GpuContext context,
            KernelCache kernels,
            DeviceMemory memory,
            ComputeType compute,
            AttentionSpec spec,
            StepBatch batch,
            long place,
            long stream) {
        this.context = context;
        this.stream = stream;
        this.windowTokens = spec.windowTokens();
        geometry = new AttentionGeometry(compute.suffix(), spec.heads(), spec.kvHeads(), spec.headDim());
        smallLaunch = kernels.launch(geometry.module(), geometry.entry(geometry.small()));
        largeLaunch = kernels.launch(geometry.module(), geometry.entry(geometry.large()));
        mergeLaunch = kernels.launch(geometry.merge(), geometry.merge());
        int small = blocksAtOnce(smallLaunch, geometry.small());
        int large = blocksAtOnce(largeLaunch, geometry.large());
        limits = limits(batch, small, large);
        planner = new AttentionPlanner(geometry, limits, small, large);
        long rows = (long) limits.partials() * spec.heads();
        partialOut = memory.allocate(Float.BYTES * rows * spec.headDim());
        partialLse = memory.allocate(Float.BYTES * rows);
        smallPlace = place;
        largePlace = smallPlace + StepMetadata.padded((long) AttentionItems.INTS * limits.smallItems());
        startPlace = largePlace + StepMetadata.padded((long) AttentionItems.INTS * limits.largeItems());
        slotPlace = startPlace + StepMetadata.padded(limits.tokens() + 1);
    }

    private int blocksAtOnce(KernelLaunch launch, AttentionKernel kernel) {
        context.allowSharedBytes(launch.function(), geometry.sharedBytes(kernel));
        int each = context.occupancy(launch.function(), geometry.threads(), geometry.sharedBytes(kernel));
        return Math.max(1, each) * context.device().multiprocessors();
    }

    /** Every segment may end a tile early, and what runs at once may be pieces of a few. */
    private AttentionPlanner.Limits limits(StepBatch batch, int small, int large) {
        int tokens = batch.tokens.length;
        int segments = batch.segmentStart.length - 1;
        return new AttentionPlanner.Limits(
                tokens,
                2 * segments + small + Math.ceilDiv(tokens, geometry.mostTokens(geometry.small())),
                2 * segments + large + Math.ceilDiv(tokens, geometry.mostTokens(geometry.large())),
                2 * (tokens + segments));
    }

    /** Where the next plan's ints begin. */
    long endPlace() {
        return slotPlace + StepMetadata.padded(limits.partials());
    }

    /** Positions these layers see. */
    int windowTokens() {
        return windowTokens;
    }

    /** Plans a step and writes the plan where {@link StepMetadata#upload} takes it from. */
    void plan(AttentionBatch batch, int groupCount, int tokens, boolean graph, StepMetadata metadata) {
        planner.plan(batch, groupCount, windowTokens);
        smallItems = launched(planner.small(), graph);
        largeItems = launched(planner.large(), graph);
        metadata.putAttention(smallPlace, planner.small().ints(), AttentionItems.INTS * smallItems);
        metadata.putAttention(largePlace, planner.large().ints(), AttentionItems.INTS * largeItems);
        if (planner.partials() > 0) {
            // A graph merges padding too, which has no slots.
            metadata.putAttention(startPlace, planner.partialStart(), graph ? limits.tokens() + 1 : tokens + 1);
            metadata.putAttention(slotPlace, planner.partialSlots(), planner.partialStart()[tokens]);
        }
    }

    private static int launched(AttentionItems items, boolean graph) {
        boolean exact = !graph || items.count() == 0;
        return exact ? items.count() : Math.min(items.capacity(), Integer.highestOneBit(2 * items.count() - 1));
    }

    /** Tells plans apart that ask for different launches. */
    long flavour() {
        return (long) largeItems << 32 | (long) smallItems << 1 | (planner.partials() > 0 ? 1 : 0);
    }

    /** Puts a layer's attention on the stream. */
    void enqueue(CudaTensor q, AttentionSpec spec, CudaTensor out, CudaKvPool pool, StepMetadata metadata, int tokens) {
        if (smallItems > 0) {
            attend(smallLaunch, geometry.small(), smallItems, smallPlace, q, spec, out, pool, metadata);
        }
        if (largeItems > 0) {
            attend(largeLaunch, geometry.large(), largeItems, largePlace, q, spec, out, pool, metadata);
        }
        if (planner.partials() > 0) {
            KernelLaunch merge = mergeLaunch
                    .set(0, partialOut)
                    .set(1, partialLse)
                    .set(2, metadata.attention(slotPlace))
                    .set(3, metadata.attention(startPlace))
                    .set(4, out.address())
                    .set(5, tokens)
                    .set(6, spec.heads())
                    .set(7, spec.headDim());
            context.launch(geometry.setMerge(merge, tokens), stream);
        }
    }

    private void attend(
            KernelLaunch launch,
            AttentionKernel kernel,
            int items,
            long place,
            CudaTensor q,
            AttentionSpec spec,
            CudaTensor out,
            CudaKvPool pool,
            StepMetadata metadata) {
        launch.set(0, q.address())
                .set(1, pool.address())
                .set(2, out.address())
                .set(3, partialOut)
                .set(4, partialLse)
                .set(5, metadata.attention(place))
                .set(6, metadata.blocks())
                .set(7, metadata.positions())
                .set(8, pool.blockStride())
                .set(9, pool.layerOffset(spec.layer()))
                .set(10, pool.layout().blockTokens())
                .set(11, spec.heads())
                .set(12, spec.kvHeads())
                .set(13, spec.scale())
                .set(14, 0f);
        if (kernel == AttentionKernel.ANY) {
            launch.set(15, spec.headDim());
        }
        context.launch(geometry.set(launch, kernel, items), stream);
    }
}
