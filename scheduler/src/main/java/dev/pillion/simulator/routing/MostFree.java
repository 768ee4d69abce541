package dev.pillion.simulator.routing;

import dev.pillion.simulator.workload.Request;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The instance with the most freeness (Llumnix, OSDI 2024, section 4.4): tokens that neither running sequences hold nor those
 * that wait need, for each of both. Unlike the number of requests this sees the memory that a few long ones fill; of equals
 * the less loaded. Those that wait count as if they ran, or all of a burst would go where nothing runs yet.
 */
public final class MostFree implements Router {
    @Override
    public String name() {
        return "most-free";
    }

    @Override
    public int choose(Request request, List<? extends InstanceView> candidates, SplittableRandom random) {
        int best = 0;
        double most = freeness(candidates.getFirst());
        for (int i = 1; i < candidates.size(); i++) {
            double freeness = freeness(candidates.get(i));
            if (freeness > most || freeness == most && candidates.get(i).isLessLoadedThan(candidates.get(best))) {
                best = i;
                most = freeness;
            }
        }
        return best;
    }

    private static double freeness(InstanceView instance) {
        return (double) (instance.freeTokens() - instance.waitingTokens()) / Math.max(1, instance.outstanding());
    }
}
