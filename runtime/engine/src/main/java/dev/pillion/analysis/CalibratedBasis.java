package dev.pillion.analysis;

import dev.pillion.scheduler.BatchShape;
import dev.pillion.scheduler.CostModel;
import dev.pillion.scheduler.Operation;
import dev.pillion.scheduler.StepTimeBasis;
import java.util.List;

/**
 * A step's parts by what was measured of its operations on this device: the operations of every token with what the step
 * takes beside its operations, the logits, the attention of chunks, and that of decodes. Units are the nanoseconds each is
 * predicted to take, so what is left to learn is by how much the device is slower or faster than when it was measured.
 */
public final class CalibratedBasis implements StepTimeBasis {
    private static final double NANOS = 1e9;
    private static final int TYPICAL_CHUNK = 256;

    private final CostModel cost;
    private final AttentionTime attention;
    private final TimeCurve tokens;
    private final TimeCurve logits;
    private final double stepSeconds;
    private final double typicalNanos;

    /**
     * A basis for one model.
     *
     * @param times what was measured
     * @param cost the model's cost model
     */
    public CalibratedBasis(StepTimes times, CostModel cost) {
        this.cost = cost;
        this.attention = times.attention();
        List<TimeCurve> perToken = times.curves().entrySet().stream()
                .filter(entry -> entry.getKey() != Operation.LOGITS)
                .map(entry -> entry.getValue())
                .toList();
        this.tokens = TimeCurve.sum(perToken);
        this.logits = TimeCurve.sum(List.of(times.curves().get(Operation.LOGITS)));
        this.stepSeconds = times.stepSeconds();
        this.typicalNanos = Math.max(1, times.seconds(cost, cost.newBatch().add(0, TYPICAL_CHUNK, false)) * NANOS);
    }

    @Override
    public BatchShape newBatch() {
        return cost.newBatch();
    }

    @Override
    public void parts(BatchShape batch, double[] sizes) {
        boolean empty = batch.tokens() == 0;
        sizes[0] = empty ? 0 : NANOS * (stepSeconds + tokens.at(batch.tokens()));
        sizes[1] = NANOS * logits.at(batch.logitsRows());
        sizes[2] = NANOS * attention.chunkSeconds(cost, batch);
        sizes[3] = empty ? 0 : NANOS * (attention.perStep() + attention.decodeSeconds(cost, batch));
    }

    @Override
    public double[] expectedNanos() {
        return new double[] {1, 1, 1, 1};
    }

    @Override
    public double[] typicalSizes() {
        return new double[] {typicalNanos, typicalNanos, typicalNanos, typicalNanos};
    }

    /** Many steps were measured for it. */
    @Override
    public double trust() {
        return 10;
    }
}
