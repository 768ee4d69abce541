package dev.pillion.simulator.plan;

import dev.pillion.scheduler.ModelShape;
import dev.pillion.simulator.device.GpuInstance;
import dev.pillion.simulator.workload.Request;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What no schedule on an instance can beat, from the roofline at nominal rates: weights are read once in every pass, one rank
 * group after the other; arithmetic and traffic of all GPUs overlap perfectly. Whatever these bounds rule out need not be
 * simulated, since simulated operations run at a share of the nominal rates.
 */
final class InstanceBounds {
    private final InstanceChoice choice;
    private final RequestMix mix;
    private final ModelShape shape;
    private final double flopsPerSecond;
    private final double bytesPerSecond;

    InstanceBounds(InstanceChoice choice, RequestMix mix) {
        this.choice = choice;
        this.mix = mix;
        shape = choice.shape();
        flopsPerSecond = choice.ceilings().flopsPerSecond();
        bytesPerSecond = choice.ceilings().bytesPerSecond();
    }

    /** Why the choice cannot serve the requests, however many instances there are; empty if it may. */
    Optional<Rejection> refuse(List<LatencyTarget> targets) {
        GpuInstance instance;
        try {
            instance = choice.instance();
        } catch (IllegalArgumentException e) {
            return Optional.of(new Rejection(choice, Binding.MEMORY, String.valueOf(e.getMessage())));
        }
        // Each stage brings a scheduler of its own, with its share of the blocks.
        long kvTokens = instance.kvBlocks(SchedulingChoice.BLOCK_TOKENS) / choice.pipelineStages()
                * SchedulingChoice.BLOCK_TOKENS;
        if (kvTokens < mix.longest()) {
            return Optional.of(new Rejection(choice, Binding.MEMORY, String.format(
                    Locale.ROOT, "holds keys and values of %,d tokens beside the weights; the longest request has %,d",
                    kvTokens, mix.longest())));
        }
        for (LatencyTarget target : targets) {
            double bound = leastSeconds(target);
            if (bound > target.seconds()) {
                return Optional.of(new Rejection(choice, binding(target.metric()), String.format(
                        Locale.ROOT, "%s cannot be below %.1f ms by the roofline, and %s is asked for",
                        target.percentileName() + " " + target.metric().key(), bound * 1e3, target)));
            }
        }
        return Optional.empty();
    }

    static Binding binding(LatencyMetric metric) {
        return switch (metric) {
            case TBT, TPOT -> Binding.TBT;
            case E2E -> Binding.E2E;
            case TTFT, SCHEDULING_DELAY -> Binding.TTFT;
        };
    }

    private double leastSeconds(LatencyTarget target) {
        return switch (target.metric()) {
            case TTFT -> mix.quantile(target.percentile(), this::prefillSeconds);
            case TBT, TPOT -> passSeconds();
            case E2E -> mix.quantile(
                    target.percentile(), request -> prefillSeconds(request) + (request.outputTokens() - 1) * passSeconds());
            case SCHEDULING_DELAY -> 0;
        };
    }

    /** One pass: the ranks of a stage read their weights together, the stages one after the other. */
    private double passSeconds() {
        return shape.weightBytesPerStep() / (choice.tensorRanks() * choice.device().bytesPerSecond());
    }

    private double prefillSeconds(Request request) {
        // A cached prefix is not computed; how much of a prompt that is nobody knows here.
        long tokens = mix.sharesPrefixes() ? 1 : request.promptTokens();
        return Math.max(passSeconds(), 2.0 * shape.linearWeights() * tokens / flopsPerSecond);
    }

    /** Requests per second that one instance cannot exceed. */
    double requestsPerSecond(int maxSequences) {
        double arithmetic = mix.mean(request -> 2.0 * shape.linearWeights()
                * ((mix.sharesPrefixes() ? 0 : request.promptTokens()) + request.outputTokens() - 1) / flopsPerSecond);
        boolean windows = shape.windowedLayers() > 0;
        double kvBytes = windows ? 0 : shape.kvBytesPerToken() * mix.mean(request ->
                (request.outputTokens() - 1) * (request.promptTokens() + request.outputTokens() / 2.0));
        double weightBytes = mix.mean(request -> request.outputTokens() - 1.0) * shape.weightBytesPerStep() / maxSequences;
        return 1 / Math.max(arithmetic, (kvBytes + weightBytes) / bytesPerSecond);
    }
}
