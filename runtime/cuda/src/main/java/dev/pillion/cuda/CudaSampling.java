package dev.pillion.cuda;

import dev.pillion.kernels.SampleAdjustments;
import dev.pillion.kernels.SampleGeometry;
import dev.pillion.kernels.SampleLogprobs;
import dev.pillion.kernels.SampleRow;
import dev.pillion.kernels.SampleStatus;
import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.KernelLaunch;
import dev.pillion.spi.DeviceSampling;
import dev.pillion.spi.DeviceTensor;
import dev.pillion.spi.SamplingRows;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;

/**
 * Samples logits where they are: adjusts them, takes the highest or draws, puts them back as they were and reports
 * log-probabilities, as far as the rows ask for it. Tokens go to page-locked memory as part of the step.
 */
final class CudaSampling implements DeviceSampling {
    private static final String MODULE = "sample";

    private final GpuContext context;
    private final KernelCache kernels;
    private final long stream;
    private final int vocabulary;
    private final Consumer<DeviceTensor> operation;

    private final MemorySegment stagedRows;
    private final MemorySegment stagedAdjustments;
    private final CudaSamplingRows rows;
    private final long deviceRows;
    private final long deviceAdjustments;
    private final long saved;
    private final long greedyState;
    private final long tokens;
    private final long status;
    private final long logprobs;
    private final MemorySegment readTokens;
    private final MemorySegment readStatus;
    private final MemorySegment readLogprobs;
    private final SampleLogprobs logprobReader;

    /**
     * Allocates what sampling needs.
     *
     * @param rowCapacity most rows, padding included
     * @param vocabulary logits of a row
     * @param adjustmentCapacity most adjustments of a step
     * @param operation what {@link #sample} tells the backend, which calls {@link #enqueue} where that is due
     */
    CudaSampling(
            GpuContext context,
            KernelCache kernels,
            DeviceMemory memory,
            long stream,
            int rowCapacity,
            int vocabulary,
            int adjustmentCapacity,
            Consumer<DeviceTensor> operation) {
        this.context = context;
        this.kernels = kernels;
        this.stream = stream;
        this.vocabulary = vocabulary;
        this.operation = operation;
        long rowBytes = (long) SampleRow.BYTES * rowCapacity;
        long adjustmentBytes = (long) SampleAdjustments.BYTES * adjustmentCapacity;
        long logprobBytes = (long) SampleLogprobs.BYTES * rowCapacity;
        stagedRows = memory.allocateHost(rowBytes);
        stagedAdjustments = memory.allocateHost(adjustmentBytes);
        rows = new CudaSamplingRows(stagedRows, stagedAdjustments, rowCapacity);
        deviceRows = memory.allocate(rowBytes);
        deviceAdjustments = memory.allocate(adjustmentBytes);
        saved = memory.allocate((long) Float.BYTES * adjustmentCapacity);
        greedyState = memory.allocate((long) SampleGeometry.GREEDY_STATE_BYTES * rowCapacity);
        tokens = memory.allocate((long) Integer.BYTES * rowCapacity);
        status = memory.allocate((long) Integer.BYTES * rowCapacity);
        logprobs = memory.allocate(logprobBytes);
        readTokens = memory.allocateHost((long) Integer.BYTES * rowCapacity);
        readStatus = memory.allocateHost((long) Integer.BYTES * rowCapacity);
        readLogprobs = memory.allocateHost(logprobBytes);
        logprobReader = new SampleLogprobs(readLogprobs);
        context.fill(greedyState, (byte) 0, (long) SampleGeometry.GREEDY_STATE_BYTES * rowCapacity, stream);
        // Rows that nobody samples are copied back too.
        context.fill(tokens, (byte) 0, (long) Integer.BYTES * rowCapacity, stream);
        context.fill(status, (byte) 0, (long) Integer.BYTES * rowCapacity, stream);
        context.fill(logprobs, (byte) 0, logprobBytes, stream);
        reserve();
        rows.begin();
    }

    /** Compiles the kernels before the first step. */
    private void reserve() {
        for (String entry : new String[] {
            "sample_adjust", "sample_greedy", "sample_draw", "sample_restore", "sample_logprobs"
        }) {
            kernels.launch(MODULE, entry);
        }
    }

    @Override
    public SamplingRows rows() {
        return rows;
    }

    /** Which kernels this step needs; a graph is recorded for each combination. */
    int flavour() {
        return (rows.draws() ? 1 : 0) | (rows.adjustments() > 0 ? 2 : 0) | (rows.reports() ? 4 : 0);
    }

    /** Starts the copy of the rows, padded to so many. */
    void upload(int paddedRows) {
        rows.padTo(paddedRows);
        if (rows.count() == 0) {
            return;
        }
        context.copyToDevice(deviceRows, stagedRows.asSlice(0, (long) SampleRow.BYTES * rows.count()), stream);
        if (rows.adjustments() > 0) {
            long bytes = (long) SampleAdjustments.BYTES * rows.adjustments();
            context.copyToDevice(deviceAdjustments, stagedAdjustments.asSlice(0, bytes), stream);
        }
    }

    @Override
    public void sample(DeviceTensor logits) {
        operation.accept(logits);
    }

    /** Puts the kernels of this step on the stream. */
    void enqueue(CudaTensor logits, int paddedRows) {
        if (rows.adjustments() > 0) {
            adjust("sample_adjust", logits, paddedRows);
        }
        KernelLaunch greedy = kernels.launch(MODULE, "sample_greedy")
                .set(0, logits.address())
                .set(1, deviceRows)
                .set(2, greedyState)
                .set(3, tokens)
                .set(4, status)
                .set(5, vocabulary);
        context.launch(SampleGeometry.greedy(greedy, paddedRows, vocabulary), stream);
        if (rows.draws()) {
            KernelLaunch draw = kernels.launch(MODULE, "sample_draw")
                    .set(0, logits.address())
                    .set(1, deviceRows)
                    .set(2, tokens)
                    .set(3, status)
                    .set(4, vocabulary);
            context.launch(SampleGeometry.row(draw, paddedRows), stream);
        }
        if (rows.adjustments() > 0) {
            adjust("sample_restore", logits, paddedRows);
        }
        if (rows.reports()) {
            report(logits, paddedRows);
        }
        context.copyToHost(readTokens.asSlice(0, (long) Integer.BYTES * paddedRows), tokens, stream);
        context.copyToHost(readStatus.asSlice(0, (long) Integer.BYTES * paddedRows), status, stream);
    }

    private void adjust(String entry, CudaTensor logits, int paddedRows) {
        KernelLaunch launch = kernels.launch(MODULE, entry)
                .set(0, logits.address())
                .set(1, deviceRows)
                .set(2, deviceAdjustments)
                .set(3, saved)
                .set(4, vocabulary);
        context.launch(SampleGeometry.adjust(launch, paddedRows), stream);
    }

    private void report(CudaTensor logits, int paddedRows) {
        KernelLaunch launch = kernels.launch(MODULE, "sample_logprobs")
                .set(0, logits.address())
                .set(1, deviceRows)
                .set(2, tokens)
                .set(3, status)
                .set(4, logprobs)
                .set(5, vocabulary);
        context.launch(SampleGeometry.row(launch, paddedRows), stream);
        long bytes = (long) SampleLogprobs.BYTES * paddedRows;
        context.copyToHost(readLogprobs.asSlice(0, bytes), logprobs, stream);
    }

    @Override
    public int token(int row) {
        if (!rows.isSampled(row)) {
            return -1;
        }
        int outcome = readStatus.getAtIndex(ValueLayout.JAVA_INT, row);
        return SampleStatus.of(outcome) == SampleStatus.CHOSEN ? readTokens.getAtIndex(ValueLayout.JAVA_INT, row) : -1;
    }

    @Override
    public double logprob(int row) {
        return logprobReader.chosen(row);
    }

    @Override
    public int topCount(int row) {
        return logprobReader.count(row);
    }

    @Override
    public int topToken(int row, int i) {
        return logprobReader.token(row, i);
    }

    @Override
    public double topLogprob(int row, int i) {
        return logprobReader.logprob(row, i);
    }
}
