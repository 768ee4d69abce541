package dev.pillion.simulator;

import static dev.pillion.simulator.LinearModel.MILLISECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pillion.scheduler.OrcaPlanner;
import dev.pillion.simulator.report.SimulationReport;
import dev.pillion.simulator.workload.Request;
import dev.pillion.simulator.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Micro-batches through pipeline stages. */
class PipelineTest {
    private static final LinearModel TWO_STAGES = LinearModel.constant(10 * MILLISECOND).withStages(2);

    private static SimulationReport run(LinearModel model, InstanceSettings settings, List<Request> requests) {
        Cluster cluster = Cluster.of(new InstanceSpec(model, settings), 1);
        return Simulation.run(Workload.of(requests), cluster, SimulationOptions.defaults());
    }

    private static List<Request> alike(int count, int prompt, int output) {
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            requests.add(new Request(i, 0, prompt, output));
        }
        return requests;
    }

    @Test
    void twoEqualMicroBatchesKeepTwoStagesBusy() {
        SimulationReport report = run(TWO_STAGES, InstanceSettings.defaults(), alike(2, 8, 500));
        // 500 steps of each, one after the other through each stage, and one step's time to fill and drain.
        assertThat(report.seconds()).isCloseTo(1001 * 0.010, within(1e-9));
        assertThat(report.instances().getFirst().stageBusySeconds()).containsExactly(10.0, 10.0);
        assertThat(report.instances().getFirst().stageBubbleSeconds()).containsExactly(0.01, 0.01);
        assertThat(report.pipeline().bubbleShare()).isCloseTo(0.02 / 20.02, within(1e-9));
        assertThat(report.latencies().timeBetweenTokens().p99Seconds()).isEqualTo(0.02);
    }

    @Test
    void oneMicroBatchLeavesEachStageIdleHalfTheTime() {
        SimulationReport report = run(TWO_STAGES, InstanceSettings.defaults(), alike(1, 8, 500));
        assertThat(report.seconds()).isCloseTo(10, within(1e-9));
        assertThat(report.pipeline().bubbleShare()).isCloseTo(0.5, within(1e-9));
    }

    @Test
    void unequalMicroBatchesMakeBubblesAndChunksFillThem() {
        LinearModel model = new LinearModel(2, MILLISECOND, 100_000, 0, 0, 0, 20_000, 1e9);
        List<Request> requests = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(11);
        for (int i = 0; i < 150; i++) {
            requests.add(new Request(i, 0, 20 + random.nextInt(1_500), 10));
        }
        InstanceSettings settings = InstanceSettings.defaults().withMaxSequences(64);
        SimulationReport whole = run(model, settings.withPlanner(new OrcaPlanner()).withChunkTokens(64), requests);
        SimulationReport chunked = run(model, settings.withChunkTokens(256), requests);
        assertThat(whole.pipeline().bubbleShare()).isGreaterThan(0.2);
        assertThat(chunked.pipeline().bubbleShare()).isLessThan(0.05);
        assertThat(chunked.seconds()).isLessThan(0.85 * whole.seconds());
        assertThat(chunked.latencies().timeBetweenTokens().p99Seconds())
                .isLessThan(0.5 * whole.latencies().timeBetweenTokens().p99Seconds());
    }

    @Test
    void activationsTakeTheirTimeBetweenStages() {
        LinearModel slow = new LinearModel(3, 10 * MILLISECOND, 0, 0, 2 * MILLISECOND, MILLISECOND, 999, 1e9);
        SimulationReport report = run(slow, InstanceSettings.defaults(), alike(1, 8, 10));
        assertThat(report.seconds()).isCloseTo(10 * (0.001 + 3 * 0.010 + 2 * 0.002), within(1e-9));
        assertThat(report.instances().getFirst().stageBusySeconds()).containsExactly(0.1, 0.1, 0.1);
    }

    @Test
    void eachSchedulerHasItsShareOfTheBlocks() {
        LinearModel small = LinearModel.usual(20).withStages(2);
        // 161 tokens need eleven blocks of which each of the two schedulers has ten.
        SimulationReport report = run(small, InstanceSettings.defaults(), alike(1, 160, 2));
        assertThat(report.requests().refused()).isEqualTo(1);
        assertThat(run(small, InstanceSettings.defaults(), alike(1, 160, 1)).requests().finished()).isEqualTo(1);
    }
}
