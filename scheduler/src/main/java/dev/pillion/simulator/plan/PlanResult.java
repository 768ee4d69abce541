package dev.pillion.simulator.plan;

import java.util.List;

/**
 * What a search found.
 *
 * @param plans the best plans, the cheapest first; no two of the same kind of instance
 * @param rejections every other kind of instance, and why
 * @param simulations simulations that were run
 */
public record PlanResult(List<Plan> plans, List<Rejection> rejections, int simulations) {
    /** Copies the lists. */
    public PlanResult {
        plans = List.copyOf(plans);
        rejections = List.copyOf(rejections);
    }
}
