package dev.pillion.cli;

import dev.pillion.simulator.Cluster;
import dev.pillion.simulator.Progress;
import dev.pillion.simulator.Simulation;
import dev.pillion.simulator.SimulationOptions;
import dev.pillion.simulator.plan.CapacityCurve;
import dev.pillion.simulator.plan.LatencyTarget;
import dev.pillion.simulator.report.SimulationReport;
import dev.pillion.simulator.workload.Workload;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * One run of a simulation.
 *
 * @param name what to call it
 * @param setup what was simulated, for people
 * @param slo what latencies were to be kept
 * @param report what was found
 * @param capacity the highest rate that keeps the SLO, where it was asked for
 */
record SimulationRun(
        String name,
        Map<String, Object> setup,
        SloOption slo,
        SimulationReport report,
        Optional<CapacityCurve> capacity) {
    /** Relative width of the last bracket of a capacity. */
    private static final double CAPACITY_TOLERANCE = 0.02;
    private static final long DEFAULT_REQUESTS = 1000;

    /**
     * Simulates.
     *
     * @param progress gives each simulation of the run, by what it is called, somebody to tell how far it is
     */
    static SimulationRun of(String name, RunOptionGroup options, Function<String, Progress> progress) {
        Workload workload = options.arrivals().workload(DEFAULT_REQUESTS);
        Cluster cluster = options.cluster().cluster(options.slo());
        SimulationOptions how = SimulationOptions.defaults()
                .withSeed(options.arrivals().seed())
                .withServiceLevel(options.slo().serviceLevel());
        if (options.isCapacityWanted() && options.slo().targets().isEmpty()) {
            throw new CliException(ExitCode.USAGE, "--capacity needs to know what to keep; give --slo");
        }
        SimulationReport report = OptionValue.checked(
                "--instances and their memory",
                () -> Simulation.run(workload, cluster, how.withProgress(progress.apply(name))));
        Optional<CapacityCurve> capacity = options.isCapacityWanted()
                ? Optional.of(capacity(name, workload, options.arrivals().rate(workload), cluster, how, options.slo(), progress))
                : Optional.empty();
        Map<String, Object> setup = options.cluster().setup();
        setup.put("workload", workload.description());
        setup.put("seed", options.arrivals().seed());
        return new SimulationRun(name, setup, options.slo(), report, capacity);
    }

    private static CapacityCurve capacity(
            String name, Workload workload, double rate, Cluster cluster, SimulationOptions how, SloOption slo,
            Function<String, Progress> progress) {
        if (Double.isInfinite(rate)) {
            throw new CliException(ExitCode.USAGE, "--capacity looks for a rate of requests; all of these come at once");
        }
        return CapacityCurve.search(
                perSecond -> Simulation.run(
                        workload.faster(perSecond / rate),
                        cluster,
                        how.withTimelinePoints(2).withProgress(progress.apply(
                                String.format(Locale.ROOT, "%s at %.3f requests/s", name, perSecond)))),
                slo.targets(), rate, CAPACITY_TOLERANCE);
    }

    /** The run as JSON. */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", name);
        json.put("setup", setup);
        json.put("slo", slo.targets().stream().map(this::target).toList());
        json.putAll(SimulationJson.of(report));
        capacity.ifPresent(found -> json.put("capacity", capacity(found)));
        return json;
    }

    private Map<String, Object> target(LatencyTarget target) {
        Map<String, Object> json = SloOption.json(target);
        json.put("measured_seconds", target.metric().in(report).count() == 0 ? null : target.measured(report));
        json.put("met", target.isMetBy(report));
        return json;
    }

    private Map<String, Object> capacity(CapacityCurve found) {
        List<Map<String, Object>> points = new ArrayList<>();
        for (CapacityCurve.Point point : found.points()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("requests_per_second", point.requestsPerSecond());
            json.put("met", point.met());
            json.put("target_seconds", point.seconds());
            points.add(json);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("requests_per_second", found.requestsPerSecond());
        json.put("points", points);
        return json;
    }
}
