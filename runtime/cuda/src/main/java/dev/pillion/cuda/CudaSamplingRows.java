package dev.pillion.cuda;

import dev.pillion.kernels.SampleAdjustments;
import dev.pillion.kernels.SampleRow;
import dev.pillion.kernels.SampleRow.Mode;
import dev.pillion.spi.SamplingRows;
import java.lang.foreign.MemorySegment;

/** Writes what the sampling kernels read into page-locked memory. */
final class CudaSamplingRows implements SamplingRows {
    private final SampleRow writer;
    private final SampleAdjustments list;
    private final Mode[] modes;
    private int row;
    private int adjustments;
    private int firstAdjustment;
    private boolean draws;
    private boolean reports;

    /**
     * Writes into two segments.
     *
     * @param rows room for {@code rowCapacity} rows
     * @param adjustments room for the list of adjustments
     */
    CudaSamplingRows(MemorySegment rows, MemorySegment adjustments, int rowCapacity) {
        this.writer = new SampleRow(rows);
        this.list = new SampleAdjustments(adjustments);
        this.modes = new Mode[rowCapacity];
    }

    @Override
    public void begin() {
        row = -1;
        adjustments = 0;
        draws = false;
        reports = false;
    }

    private void next(Mode mode) {
        row++;
        modes[row] = mode;
        firstAdjustment = adjustments;
        writer.begin(row, mode);
    }

    @Override
    public void skip() {
        next(Mode.SKIP);
    }

    @Override
    public void mostLikely() {
        next(Mode.GREEDY);
    }

    @Override
    public void draw(long seed, int position) {
        next(Mode.DRAW);
        writer.random(seed, position);
        draws = true;
    }

    @Override
    public void filter(double temperature, int topK, double topP, double minP, double typicalP) {
        writer.temperature(temperature).topK(topK).topP(topP).minP(minP).typicalP(typicalP);
    }

    @Override
    public void penalties(double repetition, double frequency, double presence) {
        writer.repetitionPenalty(repetition).frequencyPenalty(frequency).presencePenalty(presence);
    }

    @Override
    public void adjust(int token, double bias, boolean banned, boolean seen, int generated) {
        list.put(adjustments, token, bias, banned, seen, generated);
        adjustments++;
        writer.adjustments(firstAdjustment, adjustments - firstAdjustment);
    }

    @Override
    public void logprobs(int top) {
        writer.logprobs(top);
        reports = true;
    }

    /** Adds rows that are left alone until there are so many: the padding of a graph. */
    void padTo(int rows) {
        while (row + 1 < rows) {
            next(Mode.SKIP);
        }
    }

    /** Rows written. */
    int count() {
        return row + 1;
    }

    /** Adjustments written. */
    int adjustments() {
        return adjustments;
    }

    /** Whether the device samples a row. */
    boolean isSampled(int index) {
        return modes[index] != Mode.SKIP;
    }

    /** Whether tokens are drawn. */
    boolean draws() {
        return draws;
    }

    /** Whether log-probabilities are asked for. */
    boolean reports() {
        return reports;
    }
}
