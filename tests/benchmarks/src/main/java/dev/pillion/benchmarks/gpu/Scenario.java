package dev.pillion.benchmarks.gpu;

import java.util.List;

/** Something measured with an engine, one or more rows of it. */
interface Scenario {
    /**
     * A row that will come of it.
     *
     * @param name of the row
     * @param shape of the row
     * @param unit of the row
     */
    record Expected(String name, String shape, String unit) {}

    /** The rows. Those that do not come are reported as missing. */
    List<Expected> rows();

    /** A guess of the seconds it takes on a GPU, the engine's start not counted; 0 if it fits into whatever is left. */
    double seconds();

    /** Measures. */
    void run(ScenarioRun run) throws Exception;
}
