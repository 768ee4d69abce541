package dev.pillion.cli;

import dev.pillion.analysis.DeviceSpec;
import dev.pillion.analysis.SampleBatch;
import dev.pillion.analysis.StepTimes;
import dev.pillion.scheduler.BatchShape;
import dev.pillion.scheduler.CostModel;
import dev.pillion.scheduler.OperationCost;
import dev.pillion.scheduler.StepCost;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What steps of a model cost on a device.
 *
 * @param model the model's name
 * @param cost the model's cost model
 * @param device the device
 * @param times measured times of the model's operations on it, where there are any
 * @param contextTokens tokens each decode attends to, and where the chunk ends
 * @param chunkTokens tokens of the chunk
 * @param sequences sequences that decode
 */
record Analysis(
        String model,
        CostModel cost,
        DeviceSpec device,
        Optional<StepTimes> times,
        int contextTokens,
        int chunkTokens,
        int sequences) {

    /** KV blocks have no part in what these batches cost: none share any. */
    private static final int BLOCK_TOKENS = 16;

    /** What an operation's time is due to. */
    enum Bound {
        COMPUTE,
        MEMORY,
        LAUNCH
    }

    /**
     * A step and what it costs.
     *
     * @param name for people
     * @param batch what is in it
     */
    record Step(String name, SampleBatch batch) {}

    /** A chunk, a decode batch, and both at once. */
    List<Step> steps() {
        return List.of(
                new Step("prefill chunk", chunk()),
                new Step("decode batch", decodes()),
                new Step("hybrid batch", hybrid()));
    }

    private SampleBatch chunk() {
        return SampleBatch.chunk(chunkTokens, contextTokens);
    }

    private SampleBatch decodes() {
        return SampleBatch.decodes(sequences, contextTokens);
    }

    private SampleBatch hybrid() {
        return SampleBatch.hybrid(chunkTokens, sequences, contextTokens);
    }

    BatchShape shape(SampleBatch batch) {
        return batch.shape(cost.model(), BLOCK_TOKENS);
    }

    StepCost cost(SampleBatch batch) {
        return cost.estimate(shape(batch));
    }

    /** The least time by the roofline. */
    double seconds(SampleBatch batch) {
        return cost(batch).seconds(device.ceilings());
    }

    /** What the step takes by what was measured of its operations. */
    OptionalDouble measuredSeconds(SampleBatch batch) {
        return times.map(known -> OptionalDouble.of(known.seconds(cost, shape(batch)))).orElse(OptionalDouble.empty());
    }

    Bound bound(OperationCost operation) {
        double launches = operation.launches() * device.ceilings().launchSeconds();
        if (launches > operation.seconds(device.ceilings()) - launches) {
            return Bound.LAUNCH;
        }
        return operation.isComputeBound(device.ceilings()) ? Bound.COMPUTE : Bound.MEMORY;
    }

    /**
     * Seconds a decode costs.
     *
     * @param riding added to the chunk's step, shared by the decodes that ride on it
     * @param inBatch its share of a step of decodes alone
     * @param alone a step of its own
     */
    record DecodeCost(double riding, double inBatch, double alone) {}

    /** By the roofline. */
    DecodeCost decodeCost() {
        return new DecodeCost(
                (seconds(hybrid()) - seconds(chunk())) / sequences,
                seconds(decodes()) / sequences,
                seconds(SampleBatch.decodes(1, contextTokens)));
    }

    /** By what was measured. */
    Optional<DecodeCost> measuredDecodeCost() {
        return times.map(known -> new DecodeCost(
                (known.seconds(cost, shape(hybrid())) - known.seconds(cost, shape(chunk()))) / sequences,
                known.seconds(cost, shape(decodes())) / sequences,
                known.seconds(cost, shape(SampleBatch.decodes(1, contextTokens)))));
    }
}
