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
 * log-probabilities, as far as the rows ask for it. Tokens go to page-locked memory at the end of the step.
 *
 * <p>What a step is told and what it answers is kept twice in page-locked memory, so that one step can be put together,
 * and another run, while the tokens of a third are read.
 */
final class CudaSampling implements DeviceSampling {
    private static final String MODULE = "sample";

    /** Page-locked memory of a step: its rows on the way there, its tokens on the way back. */
    private static final class Staging {
        final MemorySegment rowBytes;
        final MemorySegment adjustmentBytes;
        final CudaSamplingRows rows;
        final MemorySegment tokens;
        final MemorySegment status;
        final MemorySegment logprobs;
        final SampleLogprobs logprobReader;

        Staging(DeviceMemory memory, int rowCapacity, int adjustmentCapacity) {
            rowBytes = memory.allocateHost((long) SampleRow.BYTES * rowCapacity);
            adjustmentBytes = memory.allocateHost((long) SampleAdjustments.BYTES * adjustmentCapacity);
            rows = new CudaSamplingRows(rowBytes, adjustmentBytes, rowCapacity);
            tokens = memory.allocateHost((long) Integer.BYTES * rowCapacity);
            status = memory.allocateHost((long) Integer.BYTES * rowCapacity);
            logprobs = memory.allocateHost((long) SampleLogprobs.BYTES * rowCapacity);
            logprobReader = new SampleLogprobs(logprobs);
            rows.begin();
        }
    }

    private final GpuContext context;
    private final KernelCache kernels;
    private final long stream;
    private final int vocabulary;
    private final Consumer<DeviceTensor> operation;

    private final Staging[] stagings;
    /** Of the step that is put together, and of the one that was over last. */
    private Staging next;

    private Staging over;
    /** Rows that the step that is put together samples. */
    private int sampledRows;

    private final long deviceRows;
    private final long deviceAdjustments;
    private final long saved;
    private final long greedyState;
    private final long tokens;
    private final long status;
    private final long logprobs;

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
        stagings = new Staging[] {
            new Staging(memory, rowCapacity, adjustmentCapacity), new Staging(memory, rowCapacity, adjustmentCapacity)
        };
        next = stagings[0];
        over = stagings[1];
        deviceRows = memory.allocate(rowBytes);
        deviceAdjustments = memory.allocate(adjustmentBytes);
        saved = memory.allocate((long) Float.BYTES * adjustmentCapacity);
        greedyState = memory.allocate((long) SampleGeometry.GREEDY_STATE_BYTES * rowCapacity);
        tokens = memory.allocate((long) Integer.BYTES * rowCapacity);
        status = memory.allocate((long) Integer.BYTES * rowCapacity);
        logprobs = memory.allocate(logprobBytes);
        context.fill(greedyState, (byte) 0, (long) SampleGeometry.GREEDY_STATE_BYTES * rowCapacity, stream);
        // Rows that nobody samples are copied back too.
        context.fill(tokens, (byte) 0, (long) Integer.BYTES * rowCapacity, stream);
        context.fill(status, (byte) 0, (long) Integer.BYTES * rowCapacity, stream);
        context.fill(logprobs, (byte) 0, logprobBytes, stream);
        reserve();
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
        return next.rows;
    }

    /** Which kernels this step needs; a graph is recorded for each combination. */
    int flavour() {
        CudaSamplingRows rows = next.rows;
        return (rows.draws() ? 1 : 0) | (rows.adjustments() > 0 ? 2 : 0) | (rows.reports() ? 4 : 0);
    }

    /** Starts the copy of the rows, padded to so many. */
    void upload(int paddedRows) {
        CudaSamplingRows rows = next.rows;
        sampledRows = 0;
        rows.padTo(paddedRows);
        if (rows.count() == 0) {
            return;
        }
        context.copyToDevice(deviceRows, next.rowBytes, (long) SampleRow.BYTES * rows.count(), stream);
        if (rows.adjustments() > 0) {
            long bytes = (long) SampleAdjustments.BYTES * rows.adjustments();
            context.copyToDevice(deviceAdjustments, next.adjustmentBytes, bytes, stream);
        }
    }

    /** Device address of the tokens of the step before, one for each row of logits. */
    long deviceTokens() {
        return tokens;
    }

    /** Notes that the step samples so many rows, be it in a graph or not. */
    void sampled(int paddedRows) {
        sampledRows = paddedRows;
    }

    /** Starts the copies of what the step that was put together answers. */
    void fetch() {
        if (sampledRows > 0) {
            long bytes = (long) Integer.BYTES * sampledRows;
            context.copyToHost(next.tokens, tokens, bytes, stream);
            context.copyToHost(next.status, status, bytes, stream);
            if (next.rows.reports()) {
                long reported = (long) SampleLogprobs.BYTES * sampledRows;
                context.copyToHost(next.logprobs, logprobs, reported, stream);
            }
        }
    }

    /** The step that was put together runs; the next one is put together elsewhere. */
    void submitted() {
        next = other(next);
    }

    /** The newest step submitted was given up. */
    void withdrawn() {
        next = other(next);
    }

    /**
     * A step is over: it is its tokens that are read from now on.
     *
     * @param followed whether another was submitted after it
     */
    void over(boolean followed) {
        over = followed ? next : other(next);
    }

    private Staging other(Staging staging) {
        return staging == stagings[0] ? stagings[1] : stagings[0];
    }

    @Override
    public void sample(DeviceTensor logits) {
        operation.accept(logits);
    }

    /** Puts the kernels of this step on the stream. */
    void enqueue(CudaTensor logits, int paddedRows) {
        CudaSamplingRows rows = next.rows;
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
    }

    @Override
    public int token(int row) {
        if (!over.rows.isSampled(row)) {
            return -1;
        }
        int outcome = over.status.getAtIndex(ValueLayout.JAVA_INT, row);
        return SampleStatus.of(outcome) == SampleStatus.CHOSEN ? over.tokens.getAtIndex(ValueLayout.JAVA_INT, row) : -1;
    }

    @Override
    public double logprob(int row) {
        return over.logprobReader.chosen(row);
    }

    @Override
    public int topCount(int row) {
        return over.logprobReader.count(row);
    }

    @Override
    public int topToken(int row, int i) {
        return over.logprobReader.token(row, i);
    }

    @Override
    public double topLogprob(int row, int i) {
        return over.logprobReader.logprob(row, i);
    }
}
