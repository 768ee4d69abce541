package dev.pillion.benchmarks;

import dev.pillion.scheduler.BatchPlan;
import dev.pillion.simulator.Cluster;
import dev.pillion.simulator.InstanceModel;
import dev.pillion.simulator.InstanceSettings;
import dev.pillion.simulator.InstanceSpec;
import dev.pillion.simulator.ServiceLevel;
import dev.pillion.simulator.Simulation;
import dev.pillion.simulator.SimulationOptions;
import dev.pillion.simulator.report.SimulationReport;
import dev.pillion.simulator.workload.TraceReader;
import dev.pillion.simulator.workload.Workload;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;

/**
 * How long the simulator takes for many requests on many instances:
 * {@code SimulationScale TRACE [requests] [instances] [requests per second and instance]}, by default a million on 64 at 4.
 * The trace is repeated, its rate scaled, and every step is planned and committed by a real scheduler.
 */
public final class SimulationScale {
    private SimulationScale() {
    }

    /** Runs once and prints time, memory and what was simulated. */
    public static void main(String[] args) throws Exception {
        if (args.length < 1) {
            System.err.println("SimulationScale TRACE [requests] [instances] [requests per second and instance]");
            System.exit(2);
        }
        long requests = args.length > 1 ? Long.parseLong(args[1]) : 1_000_000;
        int instances = args.length > 2 ? Integer.parseInt(args[2]) : 64;
        double rate = args.length > 3 ? Double.parseDouble(args[3]) : 4;
        Workload trace = TraceReader.read(Path.of(args[0]));
        Workload repeated = trace.repeated((int) Math.ceilDiv(requests, trace.size())).first(requests);
        double own = trace.size() / lastArrivalSeconds(trace);
        Workload workload = repeated.faster(rate * instances / own);
        Cluster cluster = Cluster.of(new InstanceSpec(new EightBillionOnA100(), InstanceSettings.defaults()), instances);
        SimulationOptions options = SimulationOptions.defaults()
                .withServiceLevel(ServiceLevel.of(1_000_000_000L, 100_000_000L));
        long begin = System.nanoTime();
        long cpuBegin = cpuNanos();
        SimulationReport report = Simulation.run(workload, cluster, options);
        print(report, (System.nanoTime() - begin) * 1e-9, (cpuNanos() - cpuBegin) * 1e-9);
    }

    /** Processor time of this thread, which a busy machine does not lengthen as it does the clock's. */
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static double lastArrivalSeconds(Workload trace) {
        double last = 0;
        var source = trace.open();
        for (var request = source.next(); request != null; request = source.next()) {
            last = request.arrivalNanos() * 1e-9;
        }
        return last;
    }

    private static void print(SimulationReport report, double seconds, double cpuSeconds) {
        var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        System.out.println(report.workload() + "; " + report.cluster());
        System.out.printf("%.1f s, %.1f s of processor time, for %,d requests, %,d steps, %,d decodes, %,d prompt tokens, "
                + "%.0f s of virtual time%n",
                seconds, cpuSeconds, report.requests().finished(), report.scheduling().steps(),
                report.tokens().decode(), report.tokens().prefill(), report.seconds());
        System.out.printf("%.0f steps per second of processor time, %.1f tokens a step; heap %d MB of %d at the end%n",
                report.scheduling().steps() / cpuSeconds, report.scheduling().tokensPerStep(), heap.getUsed() >> 20,
                heap.getMax() >> 20);
        var latencies = report.latencies();
        System.out.printf("TTFT P50 %.3f P99 %.3f s; TBT P50 %.4f P99 %.4f s; E2E P50 %.2f s; attainment %.3f; "
                + "busy %.2f; occupancy %.2f peak %.2f; preemptions %d%n",
                latencies.timeToFirstToken().p50Seconds(), latencies.timeToFirstToken().p99Seconds(),
                latencies.timeBetweenTokens().p50Seconds(), latencies.timeBetweenTokens().p99Seconds(),
                latencies.endToEnd().p50Seconds(), report.service().attainment(), report.pipeline().busyShare(),
                report.cache().meanOccupancy(), report.cache().peakOccupancy(), report.scheduling().preemptions());
    }

    /** Roughly an 8B model in BF16 on an A100: 8 ms to read the weights, 85 us a token, 64 ns a token attended to. */
    private static final class EightBillionOnA100 implements InstanceModel {
        @Override
        public String description() {
            return "8B on one A100, roughly";
        }

        @Override
        public int pipelineStages() {
            return 1;
        }

        @Override
        public int gpus() {
            return 1;
        }

        @Override
        public long stageNanos(BatchPlan step, int stage) {
            return Math.max(8_000_000, 85_000L * step.tokens()) + 64L * step.decodeContext() + step.prefillWork();
        }

        @Override
        public long activationTransferNanos(BatchPlan step) {
            return 0;
        }

        @Override
        public long hostNanos(BatchPlan step) {
            return 500_000;
        }

        @Override
        public double stepJoules(BatchPlan step) {
            return stageNanos(step, 0) * 300e-9;
        }

        @Override
        public double idleWatts() {
            return 60;
        }

        @Override
        public double dollarsPerHour() {
            return 2;
        }

        @Override
        public long kvBlocks(int blockTokens) {
            return 450_000 / blockTokens;
        }

        @Override
        public long kvBytesPerToken() {
            return 131_072;
        }

        @Override
        public double kvTransferBytesPerSecond() {
            return 25e9;
        }
    }
}
