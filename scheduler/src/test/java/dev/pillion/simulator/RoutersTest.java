package dev.pillion.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pillion.simulator.report.InstanceReport;
import dev.pillion.simulator.report.SimulationReport;
import dev.pillion.simulator.routing.InstanceView;
import dev.pillion.simulator.routing.LeastLoad;
import dev.pillion.simulator.routing.MostFree;
import dev.pillion.simulator.routing.PowerOfTwo;
import dev.pillion.simulator.routing.PrefixAware;
import dev.pillion.simulator.routing.RoundRobin;
import dev.pillion.simulator.routing.Router;
import dev.pillion.simulator.workload.ArrivalProcess;
import dev.pillion.simulator.workload.GeneratedWorkload;
import dev.pillion.simulator.workload.LengthDistribution;
import dev.pillion.simulator.workload.PromptContent;
import dev.pillion.simulator.workload.Request;
import dev.pillion.simulator.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Which instance gets a request. */
class RoutersTest {
    private static final Request REQUEST = new Request(0, 0, 10, 10);

    private record View(int number, int running, int waiting, long waitingTokens, int cachedTokens, long freeTokens)
            implements InstanceView {
        View(int number, int running, int waiting, long waitingTokens, int cachedTokens) {
            this(number, running, waiting, waitingTokens, cachedTokens, 160);
        }

        @Override
        public long freeBlocks() {
            return freeTokens / 16;
        }

        @Override
        public long blocks() {
            return 10;
        }
    }

    private static int choose(Router router, View... views) {
        return router.choose(REQUEST, List.of(views), new SplittableRandom(1));
    }

    @Test
    void roundRobinGoesRoundByNumberEvenAsInstancesComeAndGo() {
        RoundRobin router = new RoundRobin();
        View zero = new View(0, 9, 9, 9, 9);
        View one = new View(1, 0, 0, 0, 0);
        View two = new View(2, 0, 0, 0, 0);
        assertThat(choose(router, zero, one, two)).isEqualTo(0);
        assertThat(choose(router, zero, one, two)).isEqualTo(1);
        assertThat(choose(router, zero, two)).isEqualTo(1);
        assertThat(choose(router, zero, one)).isEqualTo(0);
    }

    @Test
    void mostFreeSeesTheMemoryThatAFewLongRequestsFill() {
        View fewLong = new View(0, 2, 0, 0, 0, 320);
        View manyShort = new View(1, 8, 0, 0, 0, 1600);
        assertThat(choose(new LeastLoad(), fewLong, manyShort)).isEqualTo(0);
        assertThat(choose(new MostFree(), fewLong, manyShort)).isEqualTo(1);
        // What waits needs room too.
        assertThat(choose(new MostFree(), fewLong, new View(1, 8, 1, 800, 0, 1600))).isEqualTo(0);
        // A burst spreads: one that waits divides the room as one that runs does.
        assertThat(choose(new MostFree(), new View(0, 0, 2, 10, 0, 1600), new View(1, 1, 0, 0, 0, 1500))).isEqualTo(1);
        // Of equals the one with fewer requests, then the lower number; one that runs nothing divides by nothing.
        assertThat(choose(new MostFree(), new View(0, 1, 1, 0, 0, 160), new View(1, 1, 0, 0, 0, 160))).isEqualTo(1);
        assertThat(choose(new MostFree(), new View(0, 0, 0, 0, 0, 160), new View(1, 0, 0, 0, 0, 160))).isEqualTo(0);
    }

    @Test
    void leastLoadTakesTheFewestRequestsThenTheFewestTokens() {
        LeastLoad router = new LeastLoad();
        assertThat(choose(router, new View(0, 3, 0, 0, 0), new View(1, 1, 1, 900, 0))).isEqualTo(1);
        assertThat(choose(router, new View(0, 1, 1, 901, 0), new View(1, 1, 1, 900, 0))).isEqualTo(1);
        assertThat(choose(router, new View(0, 1, 1, 900, 0), new View(1, 1, 1, 900, 0))).isEqualTo(0);
    }

    @Test
    void powerOfTwoComparesTwoDrawnAtRandom() {
        PowerOfTwo router = new PowerOfTwo();
        View[] views = new View[4];
        for (int i = 0; i < views.length; i++) {
            views[i] = new View(i, i, 0, 0, 0);
        }
        int[] chosen = new int[4];
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 60_000; i++) {
            chosen[router.choose(REQUEST, List.of(views), random)]++;
        }
        // Of the six pairs, three have 0 as the less loaded, two have 1, one has 2.
        assertThat(chosen[0] / 60_000.0).isCloseTo(3 / 6.0, within(0.01));
        assertThat(chosen[1] / 60_000.0).isCloseTo(2 / 6.0, within(0.01));
        assertThat(chosen[2] / 60_000.0).isCloseTo(1 / 6.0, within(0.01));
        assertThat(chosen[3]).isZero();
    }

    @Test
    void prefixAwareFollowsTheCacheUntilThatInstanceIsTooFarAhead() {
        PrefixAware router = new PrefixAware(4);
        assertThat(choose(router, new View(0, 0, 0, 0, 0), new View(1, 4, 0, 0, 32))).isEqualTo(1);
        assertThat(choose(router, new View(0, 0, 0, 0, 0), new View(1, 5, 0, 0, 32))).isEqualTo(0);
        assertThat(choose(router, new View(0, 2, 0, 0, 16), new View(1, 1, 0, 0, 16), new View(2, 0, 0, 0, 0)))
                .isEqualTo(1);
        assertThat(choose(router, new View(0, 2, 0, 0, 0), new View(1, 1, 0, 0, 0))).isEqualTo(1);
    }

    private static SimulationReport run(Workload workload, Supplier<? extends Router> router, int instances) {
        Cluster cluster = Cluster.of(new InstanceSpec(LinearModel.usual(2_000), InstanceSettings.defaults()), instances);
        return Simulation.run(workload, cluster.withRouter(router), SimulationOptions.defaults());
    }

    @Test
    void roundRobinSpreadsRequestsEvenly() {
        Workload workload = new GeneratedWorkload(
                new ArrivalProcess.Poisson(50), new LengthDistribution.Fixed(50, 20), 400, 7);
        assertThat(run(workload, RoundRobin::new, 4).instances())
                .extracting(InstanceReport::finished).containsExactly(100L, 100L, 100L, 100L);
    }

    @Test
    void knowingTheLoadShortensTheQueue() {
        Workload workload = new GeneratedWorkload(
                new ArrivalProcess.Gamma(70, 2), new LengthDistribution.Uniform(10, 2_000, 1, 60), 3_000, 7);
        double blind = run(workload, RoundRobin::new, 4).latencies().endToEnd().meanSeconds();
        double two = run(workload, PowerOfTwo::new, 4).latencies().endToEnd().meanSeconds();
        double all = run(workload, LeastLoad::new, 4).latencies().endToEnd().meanSeconds();
        assertThat(two).isLessThan(blind);
        assertThat(all).isLessThan(two);
    }

    @Test
    void prefixAwareRoutingFindsWhatOthersRecompute() {
        List<Request> requests = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(9);
        for (int i = 0; i < 300; i++) {
            int family = random.nextInt(8);
            long[] hashes = new long[21];
            for (int b = 0; b < 20; b++) {
                hashes[b] = family * 100L + b;
            }
            hashes[20] = 10_000 + i;
            requests.add(new Request(i, i * 20_000_000L, 330, 10, 0, Long.MAX_VALUE, 0,
                    new PromptContent.BlockHashes(hashes, 16)));
        }
        Workload workload = Workload.of(requests);
        var aware = run(workload, PrefixAware::new, 4);
        var blind = run(workload, RoundRobin::new, 4);
        // Each family's 320 tokens are computed once in the cluster, or once on each instance.
        assertThat(aware.tokens().prefixHits()).isEqualTo((300 - 8) * 320);
        assertThat(blind.tokens().prefixHits()).isLessThan((300 - 3 * 8) * 320);
    }
}
