package dev.pillion.simulator;

import dev.pillion.scheduler.BatchPlan;

/**
 * What one instance of the engine is and how long its steps take: a model on one or more GPUs, cut into pipeline stages, each
 * of them into tensor-parallel ranks. Times are those of the virtual clock, in nanoseconds. Implementations are pure: the same
 * plan gives the same time, and a plan is only read.
 */
public interface InstanceModel {
    /** One line for people: model, quantisation, device, ranks and stages. */
    String description();

    /** Pipeline stages, at least 1; a step passes through all of them one after the other. */
    int pipelineStages();

    /** GPUs of the instance: ranks times stages. */
    int gpus();

    /** Time one stage spends on a step, the all-reduces between its ranks included. */
    long stageNanos(BatchPlan step, int stage);

    /** Time for a step's activations to reach the next stage; 0 with one stage. */
    long activationTransferNanos(BatchPlan step);

    /** Time the host spends on a step beside the device, planning and sampling, which no stage can overlap; may be 0. */
    long hostNanos(BatchPlan step);

    /** Energy all GPUs of the instance spend on a step, beyond idling, in joules. */
    double stepJoules(BatchPlan step);

    /** Power all GPUs of the instance draw while they idle, in watts. */
    double idleWatts();

    /** Price of the instance, in dollars per hour. */
    double dollarsPerHour();

    /** KV blocks of so many tokens that fit beside the weights, over all GPUs of the instance together. */
    long kvBlocks(int blockTokens);

    /** Bytes of keys and values of one token, all layers, over all GPUs together. */
    long kvBytesPerToken();

    /** Bytes per second at which keys and values leave for another instance. */
    double kvTransferBytesPerSecond();
}
