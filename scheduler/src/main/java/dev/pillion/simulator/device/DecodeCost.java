package dev.pillion.simulator.device;

/**
 * What decodes cost when they ride on a prefill chunk, beside a step of their own (SARATHI, section 4.3; Sarathi-Serve, table 2).
 *
 * @param decodes how many
 * @param chunkSeconds a step of the chunk alone
 * @param ridingSeconds a step of the chunk and the decodes
 * @param decodesSeconds a step of the decodes alone
 */
public record DecodeCost(int decodes, double chunkSeconds, double ridingSeconds, double decodesSeconds) {
    /**
     * The cost on an instance; a step passes through all stages.
     *
     * @param chunkTokens tokens of the chunk, the first of its prompt
     * @param decodes decodes, at least one
     * @param context tokens each attends to, itself included
     */
    public static DecodeCost of(GpuInstance instance, int chunkTokens, int decodes, int context) {
        if (chunkTokens < 1 || decodes < 1 || context < 1) {
            throw new IllegalArgumentException(
                    "a chunk of " + chunkTokens + " tokens and " + decodes + " decodes with a context of " + context
                            + " are no mixed step; give at least 1 of each");
        }
        return new DecodeCost(
                decodes,
                seconds(instance, chunkTokens, 0, context),
                seconds(instance, chunkTokens, decodes, context),
                seconds(instance, 0, decodes, context));
    }

    private static double seconds(GpuInstance instance, int chunkTokens, int decodes, int context) {
        double seconds = 0;
        for (int stage = 0; stage < instance.pipelineStages(); stage++) {
            seconds += instance.stageSeconds(stage, 0, chunkTokens, true, decodes, (long) decodes * context);
        }
        return seconds;
    }

    /** Seconds each decode adds to the chunk's step. */
    public double perRidingDecode() {
        return (ridingSeconds - chunkSeconds) / decodes;
    }

    /** Seconds each decode takes in a step of decodes. */
    public double perDecodeAlone() {
        return decodesSeconds / decodes;
    }

    /** How many times cheaper a decode is when it rides. */
    public double advantage() {
        return perDecodeAlone() / perRidingDecode();
    }
}
