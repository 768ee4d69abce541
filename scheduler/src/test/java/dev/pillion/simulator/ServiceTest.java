package dev.pillion.simulator;

import static dev.pillion.simulator.LinearModel.MILLISECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pillion.scheduler.CountBasis;
import dev.pillion.scheduler.HighestPriority;
import dev.pillion.scheduler.LatencyBudget;
import dev.pillion.scheduler.LeastSlack;
import dev.pillion.scheduler.PrefillFirstPlanner;
import dev.pillion.scheduler.QueuePolicy;
import dev.pillion.scheduler.Sequence;
import dev.pillion.scheduler.StepTimeModel;
import dev.pillion.simulator.report.SimulationReport;
import dev.pillion.simulator.workload.ArrivalProcess;
import dev.pillion.simulator.workload.GeneratedWorkload;
import dev.pillion.simulator.workload.LengthDistribution;
import dev.pillion.simulator.workload.PromptContent;
import dev.pillion.simulator.workload.Request;
import dev.pillion.simulator.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What requests are promised and get. */
class ServiceTest {
    private static final LinearModel TEN_MILLIS = LinearModel.constant(10 * MILLISECOND);
    private static final Workload MIXED = new GeneratedWorkload(
            new ArrivalProcess.Poisson(12), new LengthDistribution.Uniform(100, 3_000, 20, 80), 600, 3);

    private static SimulationReport run(
            Workload workload, LinearModel model, InstanceSettings settings, SimulationOptions options) {
        return Simulation.run(workload, Cluster.of(new InstanceSpec(model, settings), 1), options);
    }

    @Test
    void aRequestMeetsItsPromiseByFirstTokenPaceAndDeadline() {
        // One at a time, steps of 10 ms: first tokens at 10, 60 and 110 ms, the last at 50, 100 and 150.
        List<Request> requests = List.of(
                new Request(0, 0, 1, 5), new Request(1, 0, 1, 5), new Request(2, 0, 1, 5));
        InstanceSettings alone = InstanceSettings.defaults().withMaxSequences(1);
        SimulationOptions options = SimulationOptions.defaults();
        record Case(ServiceLevel level, long met, long onTime) {
        }
        for (Case some : List.of(
                new Case(ServiceLevel.NONE, 3, 15),
                new Case(ServiceLevel.of(60 * MILLISECOND, 10 * MILLISECOND), 2, 10),
                new Case(ServiceLevel.of(59 * MILLISECOND, 11 * MILLISECOND), 1, 9),
                new Case(ServiceLevel.of(60 * MILLISECOND, 9 * MILLISECOND), 0, 6),
                new Case(new ServiceLevel(1L << 40, 1L << 40, 99 * MILLISECOND), 1, 15))) {
            SimulationReport report = run(Workload.of(requests), TEN_MILLIS, alone, options.withServiceLevel(some.level));
            assertThat(report.service().requestsMet()).as(some.toString()).isEqualTo(some.met);
            assertThat(report.service().tokensOnTime()).as(some.toString()).isEqualTo(some.onTime);
            assertThat(report.service().goodputPerSecond()).isCloseTo(some.met / 0.15, within(1e-9));
            assertThat(report.service().attainment()).isCloseTo(some.met / 3.0, within(1e-9));
        }
        List<Request> due = List.of(new Request(0, 0, 1, 5, 0, 49 * MILLISECOND, 0, PromptContent.UNSHARED),
                new Request(1, 0, 1, 5, 0, 100 * MILLISECOND, 0, PromptContent.UNSHARED));
        assertThat(run(Workload.of(due), TEN_MILLIS, alone, options).service().requestsMet()).isEqualTo(1);
    }

    @Test
    void oneLateGapInAHundredIsForgiven() {
        // A prompt of 20 chunks' length stops the others' decodes once, where prompts go first.
        LinearModel model = new LinearModel(1, 10 * MILLISECOND, 1_000_000, 0, 0, 0, 1_000, 1e9);
        InstanceSettings settings = InstanceSettings.defaults().withPlanner(new PrefillFirstPlanner());
        SimulationOptions options = SimulationOptions.defaults()
                .withServiceLevel(ServiceLevel.of(10_000 * MILLISECOND, 20 * MILLISECOND));
        for (int gaps : new int[] {99, 100}) {
            List<Request> requests = List.of(
                    new Request(0, 0, 1, gaps + 1), new Request(1, 100 * MILLISECOND, 200, 1));
            SimulationReport report = run(Workload.of(requests), model, settings, options);
            assertThat(report.service().requestsMet()).as(gaps + " gaps").isEqualTo(gaps == 100 ? 2 : 1);
            assertThat(report.latencies().timeBetweenTokens().maxSeconds()).isGreaterThan(0.2);
        }
    }

    @Test
    void chunkedPrefillKeepsStreamsFromStalling() {
        LinearModel model = new LinearModel(1, 5 * MILLISECOND, 20_000, 10, 0, 0, 4_000, 1e9);
        SimulationOptions options = SimulationOptions.defaults();
        var chunked = run(MIXED, model, InstanceSettings.defaults().withChunkTokens(512), options);
        var whole = run(MIXED, model,
                InstanceSettings.defaults().withPlanner(new PrefillFirstPlanner()).withChunkTokens(4096), options);
        assertThat(chunked.latencies().timeBetweenTokens().p99Seconds())
                .isLessThan(0.5 * whole.latencies().timeBetweenTokens().p99Seconds());
        assertThat(chunked.tokens().prefill()).isEqualTo(whole.tokens().prefill());
    }

    @Test
    void theAdaptiveBudgetKeepsItsTarget() {
        LinearModel model = new LinearModel(1, 5 * MILLISECOND, 20_000, 10, 0, 0, 4_000, 1e9);
        InstanceSettings adaptive = InstanceSettings.defaults().withTokenBudget(() -> new LatencyBudget(
                15 * MILLISECOND, 4096, 16, 1, new StepTimeModel(new CountBasis(5e6, 2e4, 10, 10))));
        SimulationReport report = run(MIXED, model, adaptive, SimulationOptions.defaults());
        assertThat(report.latencies().timeBetweenTokens().p99Seconds()).isBetween(0.012, 0.0153);
    }

    private static SimulationReport crowd(QueuePolicy policy, List<Request> requests) {
        InstanceSettings settings = InstanceSettings.defaults().withMaxSequences(2).withQueuePolicy(policy);
        return run(Workload.of(requests), TEN_MILLIS, settings,
                SimulationOptions.defaults().withServiceLevel(ServiceLevel.NONE));
    }

    @Test
    void prioritiesAndDeadlinesAreTheQueuePolicys() {
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            // The later ones are in a hurry: they meet their deadline only if they overtake.
            long deadline = i < 20 ? Sequence.NO_DEADLINE : 700 * MILLISECOND;
            requests.add(new Request(i, i, 10, 5, i < 20 ? 0 : 1, deadline, 0, PromptContent.UNSHARED));
        }
        // By 700 ms one place has served 14 and the other, which began with the second step, 13.
        var inOrder = crowd(InstanceSettings.defaults().queuePolicy(), requests);
        assertThat(inOrder.service().requestsMet()).isEqualTo(27);
        assertThat(crowd(new HighestPriority(), requests).service().requestsMet()).isEqualTo(40);
        assertThat(crowd(new LeastSlack(1, 10 * MILLISECOND), requests).service().requestsMet()).isEqualTo(40);
    }

    @Test
    void fullQueuesAndHopelessRequestsAreRefused() {
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            requests.add(new Request(i, 0, i == 3 ? 1_000_000 : 10, 5));
        }
        InstanceSettings settings = InstanceSettings.defaults().withMaxSequences(1).withMaxWaiting(4);
        SimulationReport report = run(Workload.of(requests), TEN_MILLIS, settings, SimulationOptions.defaults());
        assertThat(report.requests().refused()).isEqualTo(1 + 5);
        assertThat(report.requests().finished()).isEqualTo(4);
    }

    @Test
    void progressIsToldAndTheLimitKept() {
        List<Long> seen = new ArrayList<>();
        SimulationOptions options = SimulationOptions.defaults().withProgress((done, size, now) -> {
            assertThat(size).isEqualTo(600);
            seen.add(done);
        });
        run(MIXED, LinearModel.usual(1_000), InstanceSettings.defaults(), options);
        assertThat(seen).isSorted().hasSizeGreaterThan(500).endsWith(600L);
        SimulationReport cut = run(MIXED, LinearModel.usual(1_000), InstanceSettings.defaults(),
                options.withProgress(Progress.NONE).withLimitNanos(10_000 * MILLISECOND));
        assertThat(cut.seconds()).isBetween(9.9, 10.0);
        assertThat(cut.requests().unfinished()).isPositive();
        assertThat(cut.requests().offered()).isLessThan(600);
    }

    @Test
    void costAndEnergyAreForTheTimeInServiceAndTheStepsRun() {
        SimulationReport report = run(Workload.of(List.of(new Request(0, 0, 10, 5))), TEN_MILLIS,
                InstanceSettings.defaults(), SimulationOptions.defaults());
        // 50 ms at a dollar a second and 10 W idle; a joule for each of 10 + 4 tokens.
        assertThat(report.cost().dollars()).isCloseTo(0.05, within(1e-12));
        assertThat(report.cost().joules()).isCloseTo(14.5, within(1e-9));
        assertThat(report.cost().dollarsPerMillionOutputTokens()).isCloseTo(0.05 / 5 * 1e6, within(1e-6));
        assertThat(report.throughput().shareOfOptimal()).isEqualTo(-1);
        InstanceSpec bounded = new InstanceSpec(TEN_MILLIS, InstanceSettings.defaults())
                .withBound((prefill, decode) -> (prefill + 2 * decode) * 1e-3);
        SimulationReport known = Simulation.run(Workload.of(List.of(new Request(0, 0, 10, 5))),
                Cluster.of(bounded, 2), SimulationOptions.defaults());
        assertThat(known.throughput().shareOfOptimal()).isCloseTo(0.018 / 0.1, within(1e-9));
    }

    @Test
    void optionsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> ServiceLevel.of(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SimulationOptions.defaults().withTimelinePoints(1001))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("1001");
        assertThat(ServiceLevel.of(1_000 * MILLISECOND, 100 * MILLISECOND)).hasToString("ttft=1000.0ms,tbt=100.0ms");
    }
}
