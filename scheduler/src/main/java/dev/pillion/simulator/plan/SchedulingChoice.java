package dev.pillion.simulator.plan;

import dev.pillion.scheduler.CostModel;
import dev.pillion.scheduler.CountBasis;
import dev.pillion.scheduler.FirstComeFirstServed;
import dev.pillion.scheduler.FixedBudget;
import dev.pillion.scheduler.LatencyBudget;
import dev.pillion.scheduler.QueuePolicy;
import dev.pillion.scheduler.StepTimeModel;
import dev.pillion.scheduler.TokenBudget;
import dev.pillion.simulator.InstanceSettings;
import java.util.function.Supplier;

/**
 * How an instance schedules, in the terms people choose it by.
 *
 * @param planner composes steps
 * @param chunkTokens token budget of a step; with an adaptive planner the most it may be
 * @param maxSequences most sequences that run at once
 * @param betweenTokensSeconds target of an adaptive planner for the time between tokens
 */
public record SchedulingChoice(PlannerKind planner, int chunkTokens, int maxSequences, double betweenTokensSeconds) {
    private static final int LEAST_CHUNK_TOKENS = 16;
    /**
     * Rows in a tile of the large matrix products: with a few tokens beyond a full tile a step pays for most of another, more
     * time than it gains tokens.
     */
    private static final int TILE_TOKENS = 128;
    static final int BLOCK_TOKENS = 16;

    /** Checks the ranges. */
    public SchedulingChoice {
        if (chunkTokens < 1 || maxSequences < 1 || !(betweenTokensSeconds > 0)) {
            throw new IllegalArgumentException("chunks of " + chunkTokens + " tokens, " + maxSequences + " sequences, "
                    + betweenTokensSeconds + " s between tokens: each must be positive");
        }
        if (chunkTokens < maxSequences) {
            throw new IllegalArgumentException("a budget of " + chunkTokens + " tokens a step is less than the " + maxSequences
                    + " sequences that may decode in it; give more tokens or fewer sequences");
        }
    }

    /** The settings for an instance. */
    public InstanceSettings settings(InstanceChoice instance) {
        return settings(instance, new FirstComeFirstServed());
    }

    /** The settings for an instance, with another order of those who wait. */
    public InstanceSettings settings(InstanceChoice instance, QueuePolicy policy) {
        return new InstanceSettings(
                planner.planner(), policy, budget(instance), maxSequences, InstanceSettings.UNBOUNDED, BLOCK_TOKENS, true);
    }

    private Supplier<TokenBudget> budget(InstanceChoice instance) {
        if (planner != PlannerKind.SARATHI_ADAPTIVE) {
            return () -> new FixedBudget(chunkTokens);
        }
        double[] expected = new CostModel(instance.shape()).stepTimeCoefficientsNanos(instance.ceilings());
        long target = (long) (betweenTokensSeconds * 1e9);
        int least = Math.min(LEAST_CHUNK_TOKENS, chunkTokens);
        return () -> new LatencyBudget(
                target, chunkTokens, least, TILE_TOKENS, new StepTimeModel(new CountBasis(expected)));
    }

    /** Short text for people. */
    public String description() {
        return planner.chunks()
                ? planner + (planner == PlannerKind.SARATHI ? " " : " up to ") + chunkTokens
                : planner.toString();
    }
}
