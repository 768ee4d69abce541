package dev.pillion.conformance.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.kernels.SampleAdjustments;
import dev.pillion.kernels.SampleGeometry;
import dev.pillion.kernels.SampleLogprobs;
import dev.pillion.kernels.SampleRow;
import dev.pillion.kernels.SampleStatus;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The sampling kernels over some rows of one vocabulary, in the order of a step. */
final class SampleRun {
    private static final String MODULE = "sample";

    /** The logits after {@code sample_adjust}, the rows one after the other. */
    final float[] adjusted;

    final int[] tokens;
    final int[] status;
    final SampleLogprobs logprobs;

    SampleRun(GpuUnderTest gpu, List<SampledRow> rows) {
        int vocabulary = rows.getFirst().logits.length;
        int count = rows.size();
        MemorySegment parameters = Arena.ofAuto().allocate((long) SampleRow.BYTES * count, 16);
        MemorySegment list = Arena.ofAuto().allocate((long) SampleAdjustments.BYTES * 200 * count, 16);
        float[] logits = new float[count * vocabulary];
        int adjustments = 0;
        for (int i = 0; i < count; i++) {
            int added = rows.get(i).writeAdjustments(new SampleAdjustments(list), adjustments);
            rows.get(i).write(i, new SampleRow(parameters), adjustments, added);
            adjustments += added;
            System.arraycopy(rows.get(i).logits, 0, logits, i * vocabulary, vocabulary);
        }
        try (KernelRun run = new KernelRun(gpu)) {
            KernelRun.Output matrix = run.inOut(Element.F32.encode(logits));
            long rowsIn = run.input(parameters);
            long listIn = run.input(list.asSlice(0, Math.max(1, (long) SampleAdjustments.BYTES * adjustments)));
            KernelRun.Output saved = run.output(4L * adjustments);
            KernelRun.Output tokensOut = run.output(4L * count);
            KernelRun.Output statusOut = run.output(4L * count);
            KernelRun.Output logprobsOut = run.output((long) SampleLogprobs.BYTES * count);
            KernelRun.Output state = run.inOut(Arena.ofAuto().allocate((long) SampleGeometry.GREEDY_STATE_BYTES * count));
            run.launch(MODULE, "sample_adjust", launch -> SampleGeometry.adjust(launch, count),
                    matrix, rowsIn, listIn, saved, vocabulary);
            adjusted = run.read(matrix, Element.F32);
            run.launch(MODULE, "sample_greedy", launch -> SampleGeometry.greedy(launch, count, vocabulary),
                    matrix, rowsIn, state, tokensOut, statusOut, vocabulary);
            run.launch(MODULE, "sample_draw", launch -> SampleGeometry.row(launch, count),
                    matrix, rowsIn, tokensOut, statusOut, vocabulary);
            run.launch(MODULE, "sample_restore", launch -> SampleGeometry.adjust(launch, count),
                    matrix, rowsIn, listIn, saved, vocabulary);
            run.launch(MODULE, "sample_logprobs", launch -> SampleGeometry.row(launch, count),
                    matrix, rowsIn, tokensOut, statusOut, logprobsOut, vocabulary);
            tokens = run.readInts(tokensOut);
            status = run.readInts(statusOut);
            MemorySegment probabilities = run.read(logprobsOut);
            logprobs = new SampleLogprobs(
                    Arena.ofAuto().allocate(probabilities.byteSize(), 16).copyFrom(probabilities));
            assertThat(run.read(matrix, Element.F32)).as("logits after sample_restore").isEqualTo(logits);
            assertThat(run.readInts(state)).as("state after sample_greedy").containsOnly(0);
        }
    }

    SampleStatus status(int row) {
        return SampleStatus.of(status[row]);
    }
}
