package dev.pillion.simulator.routing;

import dev.pillion.simulator.workload.Request;
import java.util.List;
import java.util.SplittableRandom;

/** One after the other, whatever they have to do. */
public final class RoundRobin implements Router {
    private int last = -1;

    @Override
    public String name() {
        return "round-robin";
    }

    @Override
    public int choose(Request request, List<? extends InstanceView> candidates, SplittableRandom random) {
        int next = 0;
        while (next < candidates.size() && candidates.get(next).number() <= last) {
            next++;
        }
        next %= candidates.size();
        last = candidates.get(next).number();
        return next;
    }
}
