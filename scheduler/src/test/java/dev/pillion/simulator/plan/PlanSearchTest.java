package dev.pillion.simulator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.simulator.Cluster;
import dev.pillion.simulator.Simulation;
import dev.pillion.simulator.SimulationOptions;
import dev.pillion.simulator.device.GpuDevices;
import dev.pillion.simulator.device.KvType;
import dev.pillion.simulator.device.ModelShapes;
import dev.pillion.simulator.device.Quantisation;
import dev.pillion.simulator.report.SimulationReport;
import dev.pillion.simulator.workload.ArrivalProcess;
import dev.pillion.simulator.workload.GeneratedWorkload;
import dev.pillion.simulator.workload.LengthDistribution;
import dev.pillion.simulator.workload.Workload;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PlanSearchTest {
    private static final double RATE = 12;
    private static final Workload DRAWN = new GeneratedWorkload(
            new ArrivalProcess.Poisson(RATE), new LengthDistribution.Uniform(100, 900, 10, 120), 300, 7);
    private static final Workload WORKLOAD = DRAWN.faster(RATE / DRAWN.requestsPerSecond());
    private static final List<LatencyTarget> TARGETS = LatencyTarget.parse("ttft=800ms,tbt=60ms");

    private static PlanGoal goal(List<String> devices, List<SchedulingChoice> schedulings, int maxGpus) {
        return new PlanGoal(
                ModelShapes.named("llama-3.1-8b"), KvType.BF16, WORKLOAD, RATE, TARGETS,
                devices.stream().map(GpuDevices::named).toList(),
                List.of(Quantisation.BF16, Quantisation.Q4_0), schedulings, List.of(1, 2), List.of(1, 2), maxGpus, 1);
    }

    private static SchedulingChoice sarathi(int chunkTokens) {
        return new SchedulingChoice(PlannerKind.SARATHI, chunkTokens, 64, 1);
    }

    private static SimulationReport simulate(InstanceChoice choice, SchedulingChoice scheduling, int instances) {
        return Simulation.run(
                WORKLOAD, Cluster.of(choice.spec(scheduling), instances), SimulationOptions.defaults().withTimelinePoints(2));
    }

    /** The workload is so short that every trial of few instances is the whole of it: the answer must be the exact one. */
    @Test
    void theCheapestPlanIsThatOfExhaustiveSearch() {
        PlanGoal goal = goal(List.of("a100", "l40s"), List.of(sarathi(512)), 4);
        PlanResult found = PlanSearch.search(goal, 16, (done, size, next) -> { });
        assertThat(found.plans()).isNotEmpty();
        assertThat(found.plans().size() + found.rejections().size()).isEqualTo(16);
        for (Plan plan : found.plans()) {
            for (int instances = 1; instances <= plan.instances(); instances++) {
                boolean kept = CapacityCurve.isMet(TARGETS, simulate(plan.choice(), plan.scheduling(), instances));
                assertThat(kept).as("%d x %s", instances, plan.choice().description()).isEqualTo(instances == plan.instances());
            }
        }
        for (Rejection rejection : found.rejections()) {
            if (rejection.binding() == Binding.MEMORY) {
                continue;
            }
            int most = goal.maxGpus() / rejection.choice().gpus();
            for (int instances = 1; instances <= most; instances++) {
                assertThat(CapacityCurve.isMet(TARGETS, simulate(rejection.choice(), sarathi(512), instances)))
                        .as("%d x %s, rejected: %s", instances, rejection.choice().description(), rejection.reason()).isFalse();
            }
        }
    }

    @Test
    void fewerPlansWantedAreTheFirstOfMore() {
        PlanGoal goal = goal(List.of("a100", "l40s"), List.of(sarathi(512)), 4);
        PlanResult all = PlanSearch.search(goal, 16, (done, size, next) -> { });
        PlanResult two = PlanSearch.search(goal, 2, (done, size, next) -> { });
        assertThat(two.plans().stream().map(Plan::dollarsPerHour).toList())
                .isEqualTo(all.plans().stream().limit(2).map(Plan::dollarsPerHour).toList());
        assertThat(two.simulations()).isLessThan(all.simulations());
        assertThat(two.plans().size() + two.rejections().size()).isEqualTo(16);
    }

    /** Bounds rule choices out, so none may be above what a simulation does. */
    @Test
    void noSimulationBeatsTheBounds() {
        RequestMix mix = RequestMix.of(WORKLOAD);
        for (String device : List.of("a100", "h100", "l4")) {
            for (int ranks : List.of(1, 2)) {
                for (int stages : List.of(1, 2)) {
                    InstanceChoice choice = new InstanceChoice(
                            ModelShapes.named("llama-3.2-3b"), Quantisation.BF16, KvType.BF16, GpuDevices.named(device), ranks, stages);
                    SimulationReport report = simulate(choice, sarathi(512), 1);
                    for (LatencyMetric metric : LatencyMetric.values()) {
                        for (double percentile : List.of(0.5, 0.9, 0.99)) {
                            double measured = new LatencyTarget(metric, percentile, 1).measured(report);
                            if (measured > 0) {
                                LatencyTarget target = new LatencyTarget(metric, percentile, measured);
                                Optional<Rejection> refused = new InstanceBounds(choice, mix).refuse(List.of(target));
                                assertThat(refused).as("%s %s", choice.description(), target).isEmpty();
                            }
                        }
                    }
                    Workload offline = WORKLOAD.arriving(new ArrivalProcess.AtOnce(), 1);
                    SimulationReport flood = Simulation.run(
                            offline, Cluster.of(choice.spec(sarathi(512)), 1), SimulationOptions.defaults().withTimelinePoints(2));
                    assertThat(flood.throughput().requestsPerSecond())
                            .isLessThan(new InstanceBounds(choice, mix).requestsPerSecond(64));
                    assertThat(flood.throughput().shareOfOptimal()).isBetween(0.01, 1.0);
                }
            }
        }
    }

    @Test
    void boundsRefuseWhatCannotBe() {
        RequestMix mix = RequestMix.of(WORKLOAD);
        InstanceChoice large = new InstanceChoice(
                ModelShapes.named("llama-3.1-70b"), Quantisation.BF16, KvType.BF16, GpuDevices.named("a100"), 1, 1);
        assertThat(new InstanceBounds(large, mix).refuse(TARGETS).orElseThrow().binding()).isEqualTo(Binding.MEMORY);
        InstanceChoice slow = new InstanceChoice(
                ModelShapes.named("llama-3.1-8b"), Quantisation.BF16, KvType.BF16, GpuDevices.named("l4"), 1, 1);
        // 15 GB of weights at 300 GB/s take 50 ms, whoever asks.
        assertThat(new InstanceBounds(slow, mix).refuse(LatencyTarget.parse("tbt=45ms")).orElseThrow().binding())
                .isEqualTo(Binding.TBT);
        assertThat(new InstanceBounds(slow, mix).refuse(LatencyTarget.parse("p99 ttft=90ms")).orElseThrow().binding())
                .isEqualTo(Binding.TTFT);
        assertThat(new InstanceBounds(slow, mix).refuse(LatencyTarget.parse("tbt=60ms,ttft=2s"))).isEmpty();
    }
}
