package dev.pillion.simulator.plan;

import dev.pillion.scheduler.DeviceCeilings;
import dev.pillion.scheduler.ModelShape;
import dev.pillion.simulator.InstanceSpec;
import dev.pillion.simulator.ThroughputBound;
import dev.pillion.simulator.device.GpuDevice;
import dev.pillion.simulator.device.GpuInstance;
import dev.pillion.simulator.device.InstanceOptions;
import dev.pillion.simulator.device.KvType;
import dev.pillion.simulator.device.Quantisation;
import dev.pillion.simulator.device.TransformerSizes;

/**
 * What an instance is, in the terms people choose it by.
 *
 * @param model sizes of the model
 * @param quantisation how its matrices are stored
 * @param kv type of its keys and values
 * @param device GPUs it runs on
 * @param tensorRanks ranks each stage is cut into (TP)
 * @param pipelineStages stages the layers are cut into (PP)
 */
public record InstanceChoice(
        TransformerSizes model,
        Quantisation quantisation,
        KvType kv,
        GpuDevice device,
        int tensorRanks,
        int pipelineStages) {

    /** GPUs of the instance. */
    public int gpus() {
        return tensorRanks * pipelineStages;
    }

    /** Price of the instance, in dollars per hour. */
    public double dollarsPerHour() {
        return gpus() * device.dollarsPerHour();
    }

    /** The model's shape as the cost model knows it. */
    public ModelShape shape() {
        return model.shape(quantisation, kv);
    }

    /** What all GPUs of the instance do together at best. */
    public DeviceCeilings ceilings() {
        return new DeviceCeilings(
                gpus() * device.bytesPerSecond(),
                gpus() * device.flopsPerSecond(quantisation.arithmetic()),
                device.kernelGapSeconds());
    }

    /**
     * The instance.
     *
     * @throws IllegalArgumentException if the model cannot be cut that way, or its weights do not fit
     */
    public GpuInstance instance() {
        return new GpuInstance(
                model, device, InstanceOptions.DEFAULT.stored(quantisation, kv).parallel(tensorRanks, pipelineStages));
    }

    /** The instance with a scheduler, and its bound. */
    public InstanceSpec spec(SchedulingChoice scheduling) {
        return new InstanceSpec(instance(), scheduling.settings(this)).withBound(bound());
    }

    /**
     * The optimum that the throughput of a run is compared with: all GPUs do nothing but the linear layers' arithmetic, at
     * their nominal rate (NanoFlow, arXiv 2408.12757).
     */
    public ThroughputBound bound() {
        ModelShape shape = shape();
        double perToken = 2.0 * shape.linearWeights() / ceilings().flopsPerSecond();
        double perLogits = 2.0 * shape.vocab() * shape.hidden() / ceilings().flopsPerSecond();
        return (prefillTokens, decodeTokens) -> (prefillTokens + decodeTokens) * perToken + decodeTokens * perLogits;
    }

    /** Short text for people. */
    public String description() {
        return device.name() + (tensorRanks > 1 ? " tp " + tensorRanks : "")
                + (pipelineStages > 1 ? " pp " + pipelineStages : "") + " " + quantisation;
    }
}
