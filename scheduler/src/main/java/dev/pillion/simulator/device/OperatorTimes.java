package dev.pillion.simulator.device;

import dev.pillion.scheduler.Operation;

/** How long the operations of one layer take on one tensor-parallel rank. Implementations are pure, and do not allocate. */
public interface OperatorTimes {
    /**
     * Seconds of one operation, attention excepted.
     *
     * @param operation which; {@link Operation#EMBED} and {@link Operation#LOGITS} once a step, {@link Operation#NORM} for one
     *     of a layer's two norms and the addition that goes with it, others for one layer
     * @param rows tokens; of the logits, rows
     */
    double seconds(Operation operation, long rows);

    /**
     * Seconds of the attention of one layer.
     *
     * @param chunks segments of prefills
     * @param chunkTokens tokens in them
     * @param chunkWork sum over these tokens of the tokens each attends to, itself included
     * @param decodes decodes
     * @param decodeContext sum of the tokens they attend to, themselves included
     */
    double attentionSeconds(long chunks, long chunkTokens, long chunkWork, long decodes, long decodeContext);
}
