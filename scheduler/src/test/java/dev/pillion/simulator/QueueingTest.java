package dev.pillion.simulator;

import static dev.pillion.simulator.LinearModel.MILLISECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pillion.simulator.report.SimulationReport;
import dev.pillion.simulator.workload.ArrivalProcess;
import dev.pillion.simulator.workload.GeneratedWorkload;
import dev.pillion.simulator.workload.LengthDistribution;
import dev.pillion.simulator.workload.Request;
import dev.pillion.simulator.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Queues whose answers are known. */
class QueueingTest {
    private static final long SERVICE = 10 * MILLISECOND;

    /** One request at a time, one step each: a single server with deterministic service. */
    private static SimulationReport singleServer(double load, long requests) {
        Workload workload = new GeneratedWorkload(
                new ArrivalProcess.Poisson(load / (SERVICE * 1e-9)), new LengthDistribution.Fixed(8, 1), requests, 42);
        InstanceSettings settings = InstanceSettings.defaults().withMaxSequences(1);
        Cluster cluster = Cluster.of(new InstanceSpec(LinearModel.constant(SERVICE), settings), 1);
        return Simulation.run(workload, cluster, SimulationOptions.defaults());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 0.8})
    void waitingTimeIsThatOfMD1(double load) {
        SimulationReport report = singleServer(load, 500_000);
        double expected = load / (2 * (1 - load)) * SERVICE * 1e-9;
        double measured = report.latencies().schedulingDelay().meanSeconds();
        assertThat(measured / expected).as("waiting time beside Pollaczek and Khinchine's").isCloseTo(1, within(0.02));
        assertThat(report.latencies().endToEnd().meanSeconds() - measured).isCloseTo(SERVICE * 1e-9, within(1e-9));
        assertThat(report.pipeline().busyShare()).isCloseTo(load, within(0.01));
    }

    @Test
    void littlesLawHolds() {
        Workload workload = new GeneratedWorkload(
                new ArrivalProcess.Gamma(40, 2), new LengthDistribution.Uniform(1, 200, 1, 60), 4_000, 5);
        Cluster cluster = Cluster.of(new InstanceSpec(LinearModel.usual(2_000), InstanceSettings.defaults()), 1);
        SimulationReport report = Simulation.run(workload, cluster, SimulationOptions.defaults());
        var timeline = report.instances().getFirst().timeline();
        double inSystem = 0;
        for (int i = 0; i < timeline.running().length; i++) {
            double from = i * timeline.bucketSeconds();
            double span = Math.min(timeline.bucketSeconds(), report.seconds() - from);
            inSystem += (timeline.running()[i] + timeline.waiting()[i]) * span;
        }
        double rate = report.throughput().requestsPerSecond();
        double expected = rate * report.latencies().endToEnd().meanSeconds();
        assertThat(inSystem / report.seconds() / expected).as("mean number over rate x time").isCloseTo(1, within(1e-6));
    }

    @Test
    void oneRequestAtATimeTakesTheSumOfItsSteps() {
        LinearModel model = LinearModel.usual(1_000);
        List<Request> requests = new ArrayList<>();
        long expected = 0;
        for (int i = 0; i < 20; i++) {
            int prompt = 1 + 37 * i;
            int output = 1 + 11 * i;
            requests.add(new Request(i, 0, prompt, output));
            expected += timeAlone(model, prompt, output, 512);
        }
        InstanceSettings settings = InstanceSettings.defaults().withMaxSequences(1).withChunkTokens(512);
        Cluster cluster = Cluster.of(new InstanceSpec(model, settings), 1);
        SimulationReport report = Simulation.run(Workload.of(requests), cluster, SimulationOptions.defaults());
        assertThat(report.seconds()).isEqualTo(expected * 1e-9);
        assertThat(report.latencies().endToEnd().maxSeconds()).isEqualTo(expected * 1e-9);
    }

    private static long timeAlone(LinearModel model, int prompt, int output, int chunk) {
        long nanos = 0;
        for (int start = 0; start < prompt; start += chunk) {
            int length = Math.min(chunk, prompt - start);
            long context = 0;
            for (int i = 0; i < length; i++) {
                context += start + i + 1;
            }
            nanos += model.hostNanos() + model.stepNanos() + model.tokenNanos() * length + model.contextNanos() * context;
        }
        for (int generated = 1; generated < output; generated++) {
            nanos += model.hostNanos() + model.stepNanos() + model.tokenNanos() + model.contextNanos() * (prompt + generated);
        }
        return nanos;
    }

    @Test
    void capacityOfASingleServerIsWhereItsQueueMeetsTheLimit() {
        // The median wait of M/D/1 reaches 20 ms, two services, at a load of about 0.86.
        Capacity.Limits limits = new Capacity.Limits(ServiceLevel.UNLIMITED, 2 * SERVICE, ServiceLevel.UNLIMITED);
        Capacity capacity = Capacity.search(
                rate -> singleServer(rate * SERVICE * 1e-9, 50_000), limits, 10, 0.01);
        double load = capacity.requestsPerSecond() * SERVICE * 1e-9;
        assertThat(load).isCloseTo(medianLoad(), within(0.02));
        assertThat(capacity.trials()).hasSizeLessThan(20);
    }

    /** Load at which half of all wait at most two services, by the distribution of the wait (Erlang 1909, Crommelin 1932). */
    private static double medianLoad() {
        double low = 0.1;
        double high = 0.99;
        while (high - low > 1e-6) {
            double load = (low + high) / 2;
            // P(W <= 2D) = (1 - r)(e^{2r} - r e^{r}).
            double within = (1 - load) * (Math.exp(2 * load) - load * Math.exp(load));
            if (within > 0.5) {
                low = load;
            } else {
                high = load;
            }
        }
        return low;
    }
}
