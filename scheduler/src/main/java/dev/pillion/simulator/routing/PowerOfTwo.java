package dev.pillion.simulator.routing;

import dev.pillion.simulator.workload.Request;
import java.util.List;
import java.util.SplittableRandom;

/** The less loaded of two instances drawn at random (Mitzenmacher, IEEE TPDS 12(10), 2001). */
public final class PowerOfTwo implements Router {
    @Override
    public String name() {
        return "power-of-two";
    }

    @Override
    public int choose(Request request, List<? extends InstanceView> candidates, SplittableRandom random) {
        int size = candidates.size();
        if (size == 1) {
            return 0;
        }
        int first = random.nextInt(size);
        int second = random.nextInt(size - 1);
        second += second >= first ? 1 : 0;
        return candidates.get(second).isLessLoadedThan(candidates.get(first)) ? second : first;
    }
}
