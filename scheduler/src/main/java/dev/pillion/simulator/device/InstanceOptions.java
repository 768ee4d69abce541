package dev.pillion.simulator.device;

/**
 * How a model is laid out on the GPUs of an instance.
 *
 * @param quantisation of the weights
 * @param kv element type of keys and values
 * @param ranks tensor-parallel ranks, all in one server
 * @param stages pipeline stages
 * @param launch how the attention of a mixed step is started
 * @param memoryShare share of a GPU's memory for weights and KV cache; the rest is for activations and the driver
 * @param hostSeconds time the host spends on a step which the device cannot overlap
 * @param hostSecondsPerSequence the same for each segment of the step
 */
public record InstanceOptions(
        Quantisation quantisation,
        KvType kv,
        int ranks,
        int stages,
        AttentionLaunch launch,
        double memoryShare,
        double hostSeconds,
        double hostSecondsPerSequence) {
    /** BF16 on one GPU, 90 % of its memory, attention launched separately, 0.1 ms and 1 us per sequence on the host. */
    public static final InstanceOptions DEFAULT =
            new InstanceOptions(Quantisation.BF16, KvType.BF16, 1, 1, AttentionLaunch.SEPARATE, 0.9, 1e-4, 1e-6);

    /** Checks ranges. */
    public InstanceOptions {
        if (ranks < 1 || stages < 1) {
            throw new IllegalArgumentException("an instance has at least 1 rank and 1 stage, not " + ranks + " and " + stages);
        }
        if (!(memoryShare > 0 && memoryShare <= 1) || !(hostSeconds >= 0) || !(hostSecondsPerSequence >= 0)) {
            throw new IllegalArgumentException("memory share " + memoryShare + " must be above 0 and at most 1, host times "
                    + hostSeconds + " and " + hostSecondsPerSequence + " s at least 0");
        }
    }

    /** These options with weights and keys and values stored so. */
    public InstanceOptions stored(Quantisation weights, KvType keysAndValues) {
        return new InstanceOptions(
                weights, keysAndValues, ranks, stages, launch, memoryShare, hostSeconds, hostSecondsPerSequence);
    }

    /** These options with so many ranks and stages. */
    public InstanceOptions parallel(int tensorRanks, int pipelineStages) {
        return new InstanceOptions(
                quantisation, kv, tensorRanks, pipelineStages, launch, memoryShare, hostSeconds, hostSecondsPerSequence);
    }

    /** These options with attention launched so. */
    public InstanceOptions launching(AttentionLaunch attention) {
        return new InstanceOptions(quantisation, kv, ranks, stages, attention, memoryShare, hostSeconds, hostSecondsPerSequence);
    }

    /** These options with another share of memory for weights and KV cache. */
    public InstanceOptions using(double shareOfMemory) {
        return new InstanceOptions(quantisation, kv, ranks, stages, launch, shareOfMemory, hostSeconds, hostSecondsPerSequence);
    }

    /** These options with other times on the host. */
    public InstanceOptions hosted(double secondsPerStep, double secondsPerSequence) {
        return new InstanceOptions(quantisation, kv, ranks, stages, launch, memoryShare, secondsPerStep, secondsPerSequence);
    }
}
