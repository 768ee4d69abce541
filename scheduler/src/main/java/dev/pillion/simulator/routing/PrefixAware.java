package dev.pillion.simulator.routing;

import dev.pillion.simulator.workload.Request;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The instance that has the longest prefix of the prompt in its cache, unless it is too busy beside the least loaded one;
 * then, or where nobody has any, the least loaded.
 *
 * @param mostAhead requests it may have outstanding more than the least loaded
 */
public record PrefixAware(int mostAhead) implements Router {
    /** Prefers a cached prefix until an instance is 32 requests ahead. */
    public PrefixAware() {
        this(32);
    }

    @Override
    public String name() {
        return "prefix-aware";
    }

    @Override
    public int choose(Request request, List<? extends InstanceView> candidates, SplittableRandom random) {
        int least = LeastLoad.leastLoaded(candidates);
        int limit = candidates.get(least).outstanding() + mostAhead;
        int best = least;
        int bestTokens = candidates.get(least).cachedTokens();
        for (int i = 0; i < candidates.size(); i++) {
            InstanceView candidate = candidates.get(i);
            if (candidate.outstanding() <= limit) {
                int tokens = candidate.cachedTokens();
                if (tokens > bestTokens
                        || tokens == bestTokens && tokens > 0 && candidate.isLessLoadedThan(candidates.get(best))) {
                    best = i;
                    bestTokens = tokens;
                }
            }
        }
        return best;
    }
}
