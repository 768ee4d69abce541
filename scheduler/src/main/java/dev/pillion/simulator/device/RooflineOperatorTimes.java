package dev.pillion.simulator.device;

import dev.pillion.scheduler.Operation;
import java.util.Objects;

/** Times of operations by rooflines with fitted coefficients: for any shape, on any device whose nominal figures are known. */
public final class RooflineOperatorTimes implements OperatorTimes {
    private static final int ACTIVATION_BYTES = 2;

    private final TransformerSizes rank;
    private final Quantisation quantisation;
    private final KvType kv;
    private final GpuDevice device;
    private final OperatorCoefficients coefficients;
    private final AttentionLaunch launch;

    /**
     * Times on one rank.
     *
     * @param rank what a rank has, see {@link TransformerSizes#rank}
     */
    public RooflineOperatorTimes(
            TransformerSizes rank, Quantisation quantisation, KvType kv, GpuDevice device, AttentionLaunch launch) {
        this.rank = Objects.requireNonNull(rank);
        this.quantisation = Objects.requireNonNull(quantisation);
        this.kv = Objects.requireNonNull(kv);
        this.device = Objects.requireNonNull(device);
        this.launch = Objects.requireNonNull(launch);
        this.coefficients = OperatorCoefficients.named(device.coefficients());
    }

    @Override
    public double seconds(Operation operation, long rows) {
        if (rows == 0) {
            return 0;
        }
        long queries = rank.queries();
        long keys = rank.keys();
        int gates = rank.gated() ? 2 : 1;
        return switch (operation) {
            case EMBED -> moving(operation, rows, 2L * rank.hidden());
            case NORM -> moving(operation, rows, 2L * rank.hidden()) + adding(rows);
            case QKV -> matmul(rows, queries + 2 * keys, rank.hidden()) + headNorms(rows);
            case ROPE_KV_WRITE -> moving(operation, rows, 2 * (queries + keys));
            case ATTENTION -> throw new IllegalArgumentException("the time of attention depends on contexts");
            case ATTENTION_OUT -> matmul(rows, rank.hidden(), queries);
            case GATE_UP -> matmul(rows, (long) gates * rank.ffn(), rank.hidden());
            case ACTIVATION -> moving(operation, rows, (gates + 1L) * rank.ffn());
            case DOWN -> matmul(rows, rank.hidden(), rank.ffn());
            case LOGITS -> matmul(rows, rank.vocab(), rank.hidden());
        };
    }

    private double matmul(long rows, long columns, long depth) {
        return coefficients.matmul().seconds(
                device,
                device.flopsPerSecond(quantisation.arithmetic()),
                rows,
                columns,
                depth,
                (double) columns * depth * quantisation.bitsPerWeight() / 8);
    }

    private double moving(Operation operation, long rows, long elementsPerRow) {
        return coefficients.elementwise(operation).seconds(device, (double) rows * elementsPerRow * ACTIVATION_BYTES);
    }

    private double adding(long rows) {
        return coefficients.add().seconds(device, 3.0 * rows * rank.hidden() * ACTIVATION_BYTES);
    }

    /** Heads are normed row by row, as the residual stream is. */
    private double headNorms(long rows) {
        return rank.headNorms() ? moving(Operation.NORM, rows, 2L * (rank.queries() + rank.keys())) : 0;
    }

    @Override
    public double attentionSeconds(long chunks, long chunkTokens, long chunkWork, long decodes, long decodeContext) {
        AttentionModel attention = coefficients.attention();
        if (launch == AttentionLaunch.MERGED && chunks > 0 && decodes > 0) {
            return attention.mergedSeconds(device, rank, kv, chunks, chunkTokens, chunkWork, decodes, decodeContext);
        }
        return attention.chunkSeconds(device, rank, chunks, chunkTokens, chunkWork)
                + attention.decodeSeconds(device, rank, kv, decodes, decodeContext);
    }
}
