package dev.pillion.simulator.routing;

import dev.pillion.simulator.workload.Request;
import java.util.List;
import java.util.SplittableRandom;

/** Sends requests to instances. A router may keep state; each simulation has its own. */
public interface Router {
    /** Short name for options and reports. */
    String name();

    /**
     * Chooses an instance.
     *
     * @param candidates instances in service, ascending by number, at least one
     * @param random the simulation's source of chance
     * @return an index into {@code candidates}
     */
    int choose(Request request, List<? extends InstanceView> candidates, SplittableRandom random);
}
