package dev.pillion.simulator;

import static dev.pillion.simulator.LinearModel.MILLISECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.scheduler.BatchPlanner;
import dev.pillion.scheduler.CountBasis;
import dev.pillion.scheduler.FirstComeFirstServed;
import dev.pillion.scheduler.FixedBudget;
import dev.pillion.scheduler.HighestPriority;
import dev.pillion.scheduler.LatencyBudget;
import dev.pillion.scheduler.LeastSlack;
import dev.pillion.scheduler.LongestPrefixMatch;
import dev.pillion.scheduler.OrcaPlanner;
import dev.pillion.scheduler.PrefillFirstPlanner;
import dev.pillion.scheduler.QueuePolicy;
import dev.pillion.scheduler.SarathiPlanner;
import dev.pillion.scheduler.Sequence;
import dev.pillion.scheduler.ShortestFirst;
import dev.pillion.scheduler.StaticBatchPlanner;
import dev.pillion.scheduler.StepTimeModel;
import dev.pillion.simulator.report.SimulationReport;
import dev.pillion.simulator.routing.LeastLoad;
import dev.pillion.simulator.routing.PowerOfTwo;
import dev.pillion.simulator.routing.PrefixAware;
import dev.pillion.simulator.routing.RoundRobin;
import dev.pillion.simulator.routing.Router;
import dev.pillion.simulator.workload.PromptContent;
import dev.pillion.simulator.workload.Request;
import dev.pillion.simulator.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Random small clusters with everything on, the schedulers' invariants checked after every step. */
class RandomClusterTest {
    private static final List<BatchPlanner> PLANNERS = List.of(
            new SarathiPlanner(), new SarathiPlanner(), new PrefillFirstPlanner(), new OrcaPlanner(),
            new StaticBatchPlanner());
    private static final List<QueuePolicy> POLICIES = List.of(
            new FirstComeFirstServed(), new HighestPriority(), new LeastSlack(1000, 1000), new ShortestFirst(1000),
            new LongestPrefixMatch(4));
    private static final List<Supplier<? extends Router>> ROUTERS = List.of(
            RoundRobin::new, LeastLoad::new, PowerOfTwo::new, PrefixAware::new);

    @Test
    void noRequestAndNoTokenIsLostOrComputedTwice() {
        long preemptions = 0;
        long lost = 0;
        long hits = 0;
        long migrations = 0;
        long cancelled = 0;
        long transfers = 0;
        for (long seed = 0; seed < 150; seed++) {
            try {
                SimulationReport report = run(seed);
                check(report);
                preemptions += report.scheduling().preemptions();
                lost += report.tokens().lostToFailure();
                hits += report.tokens().prefixHits();
                migrations += report.movement().migrations();
                cancelled += report.movement().migrationsCancelled();
                transfers += report.movement().transfers();
            } catch (RuntimeException | AssertionError broken) {
                throw new AssertionError("seed " + seed, broken);
            }
        }
        assertThat(List.of(preemptions, lost, hits, migrations, cancelled, transfers))
                .as("preemptions, tokens lost, prefix hits, migrations, cancelled ones, transfers")
                .allMatch(count -> count > 100, "were exercised");
    }

    private static void check(SimulationReport report) {
        var requests = report.requests();
        assertThat(requests.finished()).isEqualTo(requests.offered());
        assertThat(requests.unfinished()).isZero();
        var tokens = report.tokens();
        assertThat(tokens.prefill() + tokens.decode() + tokens.prefixHits())
                .as("tokens computed or found")
                .isEqualTo(tokens.required() + tokens.lostToPreemption() + tokens.lostToFailure());
        assertThat(report.latencies().timeBetweenTokens().count()).isEqualTo(tokens.output() - requests.finished());
        assertThat(report.latencies().endToEnd().count()).isEqualTo(requests.finished());
    }

    @Test
    void theSameSeedGivesTheSameReportToTheLastBit() {
        for (long seed = 0; seed < 20; seed++) {
            assertThat(Dump.of(run(seed))).as("seed " + seed).isEqualTo(Dump.of(run(seed)));
        }
        assertThat(Dump.of(run(1))).isNotEqualTo(Dump.of(run(2)));
    }

    private static SimulationReport run(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Cluster cluster = cluster(random);
        SimulationOptions options = SimulationOptions.defaults().withSeed(seed).withTimelinePoints(20)
                .withCheckInvariants(true).withServiceLevel(ServiceLevel.of(100 * MILLISECOND, 20 * MILLISECOND));
        return Simulation.run(Workload.of(requests(random)), cluster, options);
    }

    private static List<Request> requests(SplittableRandom random) {
        List<Request> requests = new ArrayList<>();
        long now = 0;
        boolean shared = random.nextBoolean();
        long gap = 1 + random.nextInt(20);
        for (int i = 0; i < 40; i++) {
            now += random.nextLong(2 * gap * MILLISECOND);
            int prompt = 1 + random.nextInt(100);
            PromptContent content = shared && random.nextInt(4) > 0
                    ? new PromptContent.BlockHashes(new long[] {random.nextInt(2), 7, random.nextInt(3), i}, 16)
                    : PromptContent.UNSHARED;
            long deadline = random.nextBoolean() ? now + 300 * MILLISECOND : Sequence.NO_DEADLINE;
            requests.add(new Request(
                    i, now, prompt, 1 + random.nextInt(60), random.nextInt(3), deadline, 0, content));
        }
        return requests;
    }

    private static Cluster cluster(SplittableRandom random) {
        int count = 2 + random.nextInt(3);
        boolean split = random.nextInt(3) == 0;
        boolean slowLinks = random.nextBoolean();
        Supplier<? extends Router> router = ROUTERS.get(random.nextInt(ROUTERS.size()));
        List<InstanceSpec> instances = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int stages = random.nextInt(3) == 0 ? 2 : 1;
            LinearModel model = LinearModel.usual(stages * (12 + random.nextInt(30))).withStages(stages)
                    .withTransferRate(slowLinks ? 1e6 : 1e9);
            Role role = !split ? Role.MIXED : i == 0 ? Role.PROMPT : i == 1 ? Role.TOKEN : Role.values()[random.nextInt(3)];
            instances.add(new InstanceSpec(model, settings(random)).withRole(role));
        }
        Cluster cluster = Cluster.of(instances).withRouter(router)
                .withTransfer(new KvTransfer(random.nextInt(100_000), 1 + random.nextInt(8)));
        if (random.nextBoolean()) {
            cluster = cluster.withMigration(new LiveMigration(
                    10 * MILLISECOND, 10 + random.nextInt(40), 50, 10_000, 1 + random.nextInt(8), 1 + random.nextInt(4)));
        }
        return cluster.withEvents(clusterEvents(random, count));
    }

    /** Failures are survived, and at most one instance drains where another of its role is left. */
    private static List<ClusterEvent> clusterEvents(SplittableRandom random, int count) {
        List<ClusterEvent> events = new ArrayList<>();
        for (int left = random.nextInt(4); left > 0; left--) {
            events.add(new ClusterEvent.Failure(
                    random.nextLong(500 * MILLISECOND), random.nextInt(count), random.nextLong(200 * MILLISECOND)));
        }
        if (count > 2 && random.nextBoolean()) {
            events.add(new ClusterEvent.Drain(random.nextLong(500 * MILLISECOND), count - 1));
        }
        return events;
    }

    private static InstanceSettings settings(SplittableRandom random) {
        int maxSequences = 2 + random.nextInt(12);
        int budget = maxSequences + random.nextInt(60);
        InstanceSettings settings = InstanceSettings.defaults()
                .withPlanner(PLANNERS.get(random.nextInt(PLANNERS.size())))
                .withQueuePolicy(POLICIES.get(random.nextInt(POLICIES.size())))
                .withMaxSequences(maxSequences)
                .withPrefixCaching(random.nextInt(4) > 0);
        return random.nextInt(4) > 0
                ? settings.withTokenBudget(() -> new FixedBudget(budget))
                : settings.withTokenBudget(() -> new LatencyBudget(
                        10 * MILLISECOND, budget, 1, 4, new StepTimeModel(new CountBasis(5e6, 2e4, 20, 20))));
    }
}
