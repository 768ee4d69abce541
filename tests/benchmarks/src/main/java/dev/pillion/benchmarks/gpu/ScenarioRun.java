package dev.pillion.benchmarks.gpu;

import dev.pillion.benchmarks.gpu.Scenario.Expected;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Runs scenarios one after the other while there is time. Each row of each scenario is written, with a value or with the
 * reason why there is none; a scenario that fails does not hold up the next.
 */
final class ScenarioRun {
    /** Stage of all its rows. */
    static final String STAGE = "end-to-end";

    private final EndToEndOptions options;
    private final MeasuredRates rates;
    private final EngineSlot engines;
    private final ResultRows out;
    private final TimeLeft time;
    private final Set<Expected> written = new HashSet<>();

    ScenarioRun(EndToEndOptions options, MeasuredRates rates, EngineSlot engines, ResultRows out) {
        this.options = options;
        this.rates = rates;
        this.engines = engines;
        this.out = out;
        this.time = new TimeLeft(options.gpu().limit());
    }

    EndToEndOptions options() {
        return options;
    }

    MeasuredRates rates() {
        return rates;
    }

    EngineSlot engines() {
        return engines;
    }

    TimeLeft time() {
        return time;
    }

    /** Writes a row. Targets are for devices: a virtual one neither meets nor misses them. */
    void add(ResultRow measured) {
        ResultRow row = options.virtual() ? measured.target("", Optional.empty()) : measured;
        written.add(new Expected(row.name(), row.shape(), row.unit()));
        out.add(row);
        System.out.println(row.shape() + ", " + row.name() + ": "
                + (row.value().isPresent() ? row.value().getAsDouble() + " " + row.unit() : "-") + " " + row.note());
    }

    /** Starts a row. */
    ResultRow row(Expected expected, double value) {
        return ResultRow.of(STAGE, expected.name(), expected.shape(), value, expected.unit());
    }

    /** Runs them all and returns whether none failed. */
    boolean runAll(List<Scenario> scenarios) {
        boolean sound = true;
        for (Scenario scenario : scenarios) {
            double needed = options.virtual() ? 0 : scenario.seconds();
            if (time.seconds() < needed || time.seconds() <= 0) {
                missing(scenario, time.tooShortFor(needed));
                continue;
            }
            try {
                scenario.run(this);
                missing(scenario, "not measured: the scenario wrote no such row");
            } catch (Exception | LinkageError e) {
                sound = false;
                e.printStackTrace();
                engines.close();
                missing(scenario, "failed: " + e);
            }
        }
        return sound;
    }

    private void missing(Scenario scenario, String reason) {
        for (Expected expected : scenario.rows()) {
            if (!written.contains(expected)) {
                add(ResultRow.missing(STAGE, expected.name(), expected.shape(), expected.unit(), reason));
            }
        }
    }
}
