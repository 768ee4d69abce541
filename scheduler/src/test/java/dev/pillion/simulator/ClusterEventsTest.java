package dev.pillion.simulator;

import static dev.pillion.simulator.LinearModel.MILLISECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pillion.simulator.report.SimulationReport;
import dev.pillion.simulator.routing.RoundRobin;
import dev.pillion.simulator.workload.Request;
import dev.pillion.simulator.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Instances that fail, drain, hand over and migrate. */
class ClusterEventsTest {
    private static final LinearModel MODEL = LinearModel.constant(10 * MILLISECOND);
    private static final InstanceSpec SPEC = new InstanceSpec(MODEL, InstanceSettings.defaults());

    private static List<Request> requests(int count, long gapNanos, int prompt, int output) {
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            requests.add(new Request(i, i * gapNanos, prompt, output));
        }
        return requests;
    }

    private static SimulationReport run(List<Request> requests, Cluster cluster) {
        return Simulation.run(Workload.of(requests), cluster, SimulationOptions.defaults().withCheckInvariants(true));
    }

    @Test
    void aFailedInstancesRequestsGoOnElsewhereWithTheTokensTheyHave() {
        Cluster cluster = Cluster.of(SPEC, 2).withRouter(RoundRobin::new)
                .withEvents(List.of(new ClusterEvent.Failure(105 * MILLISECOND, 0, Long.MAX_VALUE)));
        SimulationReport report = run(requests(2, 0, 100, 50), cluster);
        // Ten steps had ended: 100 prompt tokens and nine decodes. The eleventh was lost on its way.
        assertThat(report.tokens().lostToFailure()).isEqualTo(109);
        assertThat(report.requests().resubmitted()).isEqualTo(1);
        assertThat(report.requests().finished()).isEqualTo(2);
        assertThat(report.tokens().output()).isEqualTo(100);
        assertThat(report.tokens().prefill() + report.tokens().decode()).isEqualTo(2 * 149 + 109);
        // It joins the step at 110 ms and needs 40 more tokens.
        assertThat(report.seconds()).isCloseTo(0.110 + 40 * 0.010, within(1e-9));
        assertThat(report.instances().get(0).inServiceSeconds()).isCloseTo(0.105, within(1e-9));
        assertThat(report.cost().dollars()).isCloseTo(0.105 + report.seconds(), within(1e-9));
    }

    @Test
    void withNobodyLeftRequestsWaitForTheRecovery() {
        Cluster cluster = Cluster.of(SPEC, 1)
                .withEvents(List.of(new ClusterEvent.Failure(5 * MILLISECOND, 0, 95 * MILLISECOND)));
        SimulationReport report = run(requests(2, 7 * MILLISECOND, 10, 3), cluster);
        assertThat(report.requests().finished()).isEqualTo(2);
        assertThat(report.seconds()).isCloseTo(0.130, within(1e-9));
        Cluster lost = Cluster.of(SPEC, 1)
                .withEvents(List.of(new ClusterEvent.Failure(5 * MILLISECOND, 0, Long.MAX_VALUE)));
        SimulationReport none = run(requests(2, 7 * MILLISECOND, 10, 3), lost);
        assertThat(none.requests().unfinished()).isEqualTo(2);
    }

    @Test
    void aDrainedInstanceFinishesWhatRunsAndGetsNothingMore() {
        Cluster cluster = Cluster.of(new InstanceSpec(MODEL, InstanceSettings.defaults().withMaxSequences(1)), 2)
                .withRouter(RoundRobin::new).withEvents(List.of(new ClusterEvent.Drain(15 * MILLISECOND, 0)));
        SimulationReport report = run(requests(6, MILLISECOND, 10, 10), cluster);
        assertThat(report.instances().get(0).finished()).isEqualTo(1);
        assertThat(report.instances().get(1).finished()).isEqualTo(5);
        assertThat(report.requests().resubmitted()).isEqualTo(2);
        assertThat(report.instances().get(0).inServiceSeconds()).isCloseTo(0.100, within(1e-9));
    }

    @Test
    void liveMigrationEmptiesADrainingInstanceWithoutComputingAnythingAgain() {
        LiveMigration migration = new LiveMigration(50 * MILLISECOND, 0, 0, MILLISECOND, 4, 8);
        Cluster cluster = Cluster.of(SPEC, 2).withRouter(RoundRobin::new).withMigration(migration)
                .withEvents(List.of(new ClusterEvent.Drain(200 * MILLISECOND, 0)));
        SimulationReport report = run(requests(8, 0, 100, 200), cluster);
        assertThat(report.movement().migrations()).isEqualTo(4);
        assertThat(report.requests().resubmitted()).isZero();
        assertThat(report.tokens().prefill() + report.tokens().decode()).isEqualTo(report.tokens().required());
        // A copy takes a millisecond and some microseconds; a sequence is paused for the last of them, not for all.
        assertThat(report.movement().downtime().maxSeconds()).isBetween(0.001, 0.0011);
        assertThat(report.instances().get(0).inServiceSeconds()).isBetween(0.200, 0.300);
        // One that comes in the middle of a step waits for the next.
        assertThat(report.latencies().timeBetweenTokens().maxSeconds()).isBetween(0.0111, 0.0211);
    }

    @Test
    void aMigrationCopiesAllTokensOnce() {
        LiveMigration migration = new LiveMigration(50 * MILLISECOND, 0, 0, MILLISECOND, 4, 8);
        LinearModel slow = new LinearModel(1, 10 * MILLISECOND, 0, 0, 0, 0, 1_000, 2e6);
        Cluster cluster = Cluster.of(new InstanceSpec(slow, InstanceSettings.defaults()), 2).withRouter(RoundRobin::new)
                .withMigration(migration).withEvents(List.of(new ClusterEvent.Drain(45 * MILLISECOND, 0)));
        SimulationReport report = run(requests(1, 0, 100, 60), cluster);
        // From 50 ms on, just before a step ends, 103 tokens of 1,000 bytes at 2 MB/s and a millisecond make 52.5 ms; six
        // more came by 100 ms, too many to pause for, 4 ms; then the one of the step that ends at 110 ms: 1.5 ms of pause.
        assertThat(report.movement().migrations()).isEqualTo(1);
        assertThat(report.movement().migratedBytes()).isEqualTo(110_000);
        assertThat(report.movement().downtime().maxSeconds()).isCloseTo(0.0015, within(1e-9));
        assertThat(report.latencies().timeBetweenTokens().maxSeconds()).isCloseTo(0.0115, within(1e-9));
    }

    /** Instance 0 drains its one request, which is paused from 140 ms to 175 ms; at 150 ms an instance fails. */
    private static SimulationReport failureWhilePaused(int failing) {
        LiveMigration migration = new LiveMigration(50 * MILLISECOND, 0, 0, 30 * MILLISECOND, 4, 1);
        LinearModel slow = MODEL.withTransferRate(2e6);
        Cluster cluster = Cluster.of(new InstanceSpec(slow, InstanceSettings.defaults()), 2).withRouter(RoundRobin::new)
                .withMigration(migration).withEvents(List.of(
                        new ClusterEvent.Drain(45 * MILLISECOND, 0),
                        new ClusterEvent.Failure(150 * MILLISECOND, failing, Long.MAX_VALUE)));
        return run(requests(1, 0, 100, 60), cluster);
    }

    @Test
    void aMigrationWhoseTargetFailsGoesOnAtItsSource() {
        SimulationReport report = failureWhilePaused(1);
        assertThat(report.movement().migrations()).isZero();
        assertThat(report.movement().migrationsCancelled()).isEqualTo(1);
        assertThat(report.requests().resubmitted()).isZero();
        assertThat(report.instances().get(0).finished()).isEqualTo(1);
        assertThat(report.seconds()).isCloseTo(0.175 + 46 * 0.010, within(1e-9));
    }

    @Test
    void aMigrationWhoseSourceFailsStartsOver() {
        SimulationReport report = failureWhilePaused(0);
        assertThat(report.movement().migrationsCancelled()).isEqualTo(1);
        assertThat(report.requests().resubmitted()).isEqualTo(1);
        assertThat(report.tokens().lostToFailure()).isEqualTo(113);
        assertThat(report.instances().get(1).finished()).isEqualTo(1);
        assertThat(report.seconds()).isCloseTo(0.150 + 46 * 0.010, within(1e-9));
    }

    @Test
    void migrationMakesRoomWhereMemoryIsShort() {
        LinearModel small = new LinearModel(1, 10 * MILLISECOND, 0, 0, 0, 0, 40, 1e9);
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            // Round robin gives all the long ones to the first instance.
            requests.add(new Request(i, i * MILLISECOND, 60, i % 2 == 0 ? 150 : 2));
        }
        Cluster still = Cluster.of(new InstanceSpec(small, InstanceSettings.defaults()), 2).withRouter(RoundRobin::new);
        SimulationReport without = run(requests, still);
        SimulationReport with = run(requests, still.withMigration(
                new LiveMigration(20 * MILLISECOND, 40, 60, MILLISECOND, 16, 8)));
        assertThat(without.scheduling().preemptions()).isPositive();
        assertThat(with.scheduling().preemptions()).isLessThan(without.scheduling().preemptions());
        assertThat(with.movement().migrations()).isPositive();
        assertThat(with.seconds()).isLessThan(without.seconds());
    }

    private static Cluster disaggregated(KvTransfer transfer) {
        LinearModel prompts = new LinearModel(1, 10 * MILLISECOND, 0, 0, 0, 0, 1_000, 1e6);
        LinearModel tokens = new LinearModel(1, 5 * MILLISECOND, 0, 0, 0, 0, 1_000, 1e9);
        return new Cluster(
                List.of(new InstanceSpec(prompts, InstanceSettings.defaults()).withRole(Role.PROMPT),
                        new InstanceSpec(tokens, InstanceSettings.defaults()).withRole(Role.TOKEN)),
                RoundRobin::new, transfer, Optional.empty(), List.of());
    }

    @Test
    void promptsAreComputedHereAndTokensThere() {
        SimulationReport report = run(requests(1, 0, 100, 11), disaggregated(new KvTransfer(MILLISECOND, 1)));
        // 100 tokens of 1,000 bytes at 1 MB/s, and the latency.
        assertThat(report.movement().transferTime().maxSeconds()).isCloseTo(0.101, within(1e-9));
        assertThat(report.movement().transferredBytes()).isEqualTo(100_000);
        assertThat(report.latencies().timeToFirstToken().maxSeconds()).isCloseTo(0.010, within(1e-9));
        assertThat(report.seconds()).isCloseTo(0.010 + 0.101 + 10 * 0.005, within(1e-9));
        assertThat(report.instances().get(0).outputTokens()).isEqualTo(1);
        assertThat(report.instances().get(1).outputTokens()).isEqualTo(10);
        assertThat(report.tokens().prefill()).isEqualTo(100);
        assertThat(report.tokens().decode()).isEqualTo(10);
    }

    @Test
    void layersThatLeaveEarlyHideBehindThePrompt() {
        // A step of 10 ms hides that much of the 100 ms, but for one layer of 32, which leaves last.
        SimulationReport some = run(requests(1, 0, 100, 11), disaggregated(new KvTransfer(MILLISECOND, 32)));
        assertThat(some.movement().transferTime().maxSeconds()).isCloseTo(0.091, within(1e-9));
        SimulationReport all = run(requests(1, 0, 9, 11), disaggregated(new KvTransfer(0, 32)));
        assertThat(all.movement().transferTime().maxSeconds()).isCloseTo(0.009 / 32, within(1e-9));
    }

    @Test
    void transfersShareTheLink() {
        SimulationReport report = run(requests(3, 0, 100, 11), disaggregated(new KvTransfer(0, 1)));
        assertThat(report.movement().transferTime().maxSeconds()).isCloseTo(0.3, within(1e-9));
        assertThat(report.movement().transferTime().p50Seconds()).isCloseTo(0.2, within(1e-9));
    }

    private static SimulationReport transferAndFailure(int failing) {
        Cluster pair = disaggregated(new KvTransfer(MILLISECOND, 1));
        List<InstanceSpec> instances = new ArrayList<>(pair.instances());
        instances.add(instances.get(1));
        instances.add(instances.get(0));
        Cluster cluster = new Cluster(instances, RoundRobin::new, pair.transfer(), Optional.empty(),
                List.of(new ClusterEvent.Failure(60 * MILLISECOND, failing, Long.MAX_VALUE)));
        return run(requests(1, 0, 100, 11), cluster);
    }

    @Test
    void aTransferWhoseTargetFailsGoesToAnother() {
        SimulationReport report = transferAndFailure(1);
        assertThat(report.requests().finished()).isEqualTo(1);
        assertThat(report.requests().resubmitted()).isZero();
        assertThat(report.tokens().prefill()).isEqualTo(100);
        // The copy that came to nothing had both links until 111 ms, and the next takes another 101.
        assertThat(report.movement().transferTime().maxSeconds()).isCloseTo(0.202, within(1e-9));
        assertThat(report.instances().get(2).outputTokens()).isEqualTo(10);
    }

    @Test
    void aTransferWhoseSourceFailsStartsOver() {
        SimulationReport report = transferAndFailure(0);
        assertThat(report.requests().finished()).isEqualTo(1);
        assertThat(report.requests().resubmitted()).isEqualTo(1);
        assertThat(report.tokens().lostToFailure()).isEqualTo(100);
        // The second prompt instance computes the prompt and the first token again, and gives the second.
        assertThat(report.tokens().prefill()).isEqualTo(201);
        assertThat(report.instances().get(3).outputTokens()).isEqualTo(1);
        assertThat(report.instances().get(1).outputTokens() + report.instances().get(2).outputTokens()).isEqualTo(9);
        assertThat(report.tokens().output()).isEqualTo(11);
    }

    @Test
    void clustersThatCannotServeAreRefused() {
        assertThatThrownBy(() -> Cluster.of(SPEC.withRole(Role.PROMPT), 2))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("generates tokens");
        assertThatThrownBy(() -> Cluster.of(SPEC.withRole(Role.TOKEN), 2))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("computes prompts");
        assertThatThrownBy(() -> Cluster.of(SPEC, 2).withEvents(List.of(new ClusterEvent.Drain(0, 2))))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("2 instances");
        Cluster full = Cluster.of(new InstanceSpec(LinearModel.usual(0), InstanceSettings.defaults()), 1);
        assertThatThrownBy(() -> run(requests(1, 0, 1, 1), full))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("smaller model");
    }
}
