package dev.pillion.simulator.routing;

import dev.pillion.simulator.workload.Request;
import java.util.List;
import java.util.SplittableRandom;

/** The instance with the fewest requests outstanding, of those the one with the fewest tokens waiting. */
public final class LeastLoad implements Router {
    @Override
    public String name() {
        return "least-load";
    }

    @Override
    public int choose(Request request, List<? extends InstanceView> candidates, SplittableRandom random) {
        return leastLoaded(candidates);
    }

    static int leastLoaded(List<? extends InstanceView> candidates) {
        int best = 0;
        for (int i = 1; i < candidates.size(); i++) {
            if (candidates.get(i).isLessLoadedThan(candidates.get(best))) {
                best = i;
            }
        }
        return best;
    }
}
