/**
 * Who runs next. A batch is a set of token segments under a token budget: decodes first, then the prefills already
 * running, then waiting requests by the queue policy (SARATHI). Planners are pure functions of the scheduling state,
 * so the engine, the tests and the simulator call the same object; there is no clock, device type or text among them.
 * The simulator lives here too: the same scheduler on a virtual clock, with models of devices that say how long steps take.
 */
module dev.pillion.scheduler {
    requires transitive dev.pillion.memory;
    requires static org.jspecify;

    exports dev.pillion.scheduler;
    exports dev.pillion.simulator;
    exports dev.pillion.simulator.device;
    exports dev.pillion.simulator.plan;
    exports dev.pillion.simulator.report;
    exports dev.pillion.simulator.routing;
    exports dev.pillion.simulator.workload;
}
