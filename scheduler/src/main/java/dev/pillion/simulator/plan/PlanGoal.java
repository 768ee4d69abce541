package dev.pillion.simulator.plan;

import dev.pillion.simulator.device.GpuDevice;
import dev.pillion.simulator.device.KvType;
import dev.pillion.simulator.device.Quantisation;
import dev.pillion.simulator.device.TransformerSizes;
import dev.pillion.simulator.workload.Workload;
import java.util.List;

/**
 * What a plan is to serve, and what it may consist of.
 *
 * @param model the model
 * @param kv type of its keys and values
 * @param workload the requests, arriving at the rate to serve
 * @param requestsPerSecond that rate
 * @param targets latencies to keep, at least one
 * @param devices GPUs to choose from
 * @param quantisations ways to store the weights
 * @param schedulings ways to schedule, the usual one first
 * @param tensorRanks numbers of ranks
 * @param pipelineStages numbers of stages
 * @param maxGpus most GPUs in all
 * @param seed of the simulations
 */
public record PlanGoal(
        TransformerSizes model,
        KvType kv,
        Workload workload,
        double requestsPerSecond,
        List<LatencyTarget> targets,
        List<GpuDevice> devices,
        List<Quantisation> quantisations,
        List<SchedulingChoice> schedulings,
        List<Integer> tensorRanks,
        List<Integer> pipelineStages,
        int maxGpus,
        long seed) {

    /** Copies the lists and checks that there is something to choose from. */
    public PlanGoal {
        targets = List.copyOf(targets);
        devices = List.copyOf(devices);
        quantisations = List.copyOf(quantisations);
        schedulings = List.copyOf(schedulings);
        tensorRanks = List.copyOf(tensorRanks);
        pipelineStages = List.copyOf(pipelineStages);
        if (targets.isEmpty() || devices.isEmpty() || quantisations.isEmpty() || schedulings.isEmpty()
                || tensorRanks.isEmpty() || pipelineStages.isEmpty()) {
            throw new IllegalArgumentException(
                    "a plan needs targets, devices, quantisations, schedulings, ranks and stages to choose from");
        }
        if (!(requestsPerSecond > 0) || requestsPerSecond == Double.POSITIVE_INFINITY || maxGpus < 1) {
            throw new IllegalArgumentException(
                    requestsPerSecond + " requests per second on at most " + maxGpus + " GPUs: both must be positive");
        }
    }
}
