package dev.pillion.simulator.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Generated and derived workloads. */
class WorkloadsTest {
    private static final Trace TRACE = new Trace("three", List.of(
            new Request(0, 1_000, 10, 1), new Request(1, 2_000, 20, 2), new Request(2, 4_000, 30, 3)));

    private static List<Request> all(Workload workload) {
        List<Request> requests = new ArrayList<>();
        RequestSource source = workload.open();
        for (Request request = source.next(); request != null; request = source.next()) {
            requests.add(request);
        }
        assertThat(source.next()).as("after the end").isNull();
        assertThat(workload.size()).isEqualTo(requests.size());
        for (int i = 0; i < requests.size(); i++) {
            assertThat(requests.get(i).id()).isEqualTo(i);
        }
        return requests;
    }

    private static double[] gaps(ArrivalProcess arrivals, int count) {
        List<Request> requests = all(new GeneratedWorkload(arrivals, new LengthDistribution.Fixed(1, 1), count, 17));
        double[] gaps = new double[count - 1];
        for (int i = 0; i < gaps.length; i++) {
            gaps[i] = (requests.get(i + 1).arrivalNanos() - requests.get(i).arrivalNanos()) * 1e-9;
        }
        return gaps;
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static double variation(double[] values) {
        double mean = mean(values);
        double sum = 0;
        for (double value : values) {
            sum += (value - mean) * (value - mean);
        }
        return Math.sqrt(sum / values.length) / mean;
    }

    @Test
    void poissonGapsAreExponential() {
        double[] gaps = gaps(new ArrivalProcess.Poisson(50), 200_000);
        assertThat(mean(gaps)).isCloseTo(0.02, within(0.0002));
        assertThat(variation(gaps)).isCloseTo(1, within(0.01));
        double longer = 0;
        for (double gap : gaps) {
            longer += gap > 0.06 ? 1 : 0;
        }
        assertThat(longer / gaps.length).isCloseTo(Math.exp(-3), within(0.002));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.25, 1, 3})
    void gammaGapsHaveTheirRateAndVariation(double variation) {
        double[] gaps = gaps(new ArrivalProcess.Gamma(50, variation), 400_000);
        assertThat(mean(gaps)).isCloseTo(0.02, within(0.02 * 0.02));
        assertThat(variation(gaps)).isCloseTo(variation, within(0.03 * variation));
    }

    @Test
    void evenArrivalsAndBatches() {
        for (double gap : gaps(new ArrivalProcess.Even(50), 100)) {
            assertThat(gap).isCloseTo(0.02, within(1e-9));
        }
        assertThat(gaps(new ArrivalProcess.AtOnce(), 100)).containsOnly(0.0);
    }

    @Test
    void lengthsStayInTheirRangesOrComeFromTheTraceInPairs() {
        var uniform = new LengthDistribution.Uniform(5, 7, 1, 2);
        var requests = all(new GeneratedWorkload(new ArrivalProcess.AtOnce(), uniform, 3_000, 1));
        for (int prompt = 5; prompt <= 7; prompt++) {
            for (int output = 1; output <= 2; output++) {
                int p = prompt;
                int o = output;
                assertThat(requests.stream().filter(r -> r.promptTokens() == p && r.outputTokens() == o).count())
                        .isBetween(420L, 580L);
            }
        }
        var drawn = all(new GeneratedWorkload(
                new ArrivalProcess.AtOnce(), new LengthDistribution.FromTrace(TRACE), 300, 1));
        assertThat(drawn).allMatch(request -> request.promptTokens() == 10 * request.outputTokens());
        assertThat(drawn.stream().map(Request::promptTokens).distinct().count()).isEqualTo(3);
    }

    @Test
    void theSameSeedGivesTheSameRequests() {
        Workload workload = new GeneratedWorkload(
                new ArrivalProcess.Gamma(3, 2), new LengthDistribution.Uniform(1, 9, 1, 9), 100, 5);
        assertThat(all(workload)).isEqualTo(all(workload));
    }

    @Test
    void repetitionsFollowOneAnotherAndShareNothing() {
        List<Request> twice = all(TRACE.repeated(2));
        assertThat(twice).extracting(Request::arrivalNanos).containsExactly(1_000L, 2_000L, 4_000L, 6_333L, 7_333L, 9_333L);
        assertThat(twice).extracting(Request::outputTokens).containsExactly(1, 2, 3, 1, 2, 3);
        assertThat(twice.get(0).salt()).isNotEqualTo(twice.get(3).salt());
        assertThat(twice.get(1).salt()).isEqualTo(twice.get(0).salt());
        assertThat(all(TRACE.repeated(3).first(7))).hasSize(7);
        assertThat(all(TRACE.faster(2))).extracting(Request::arrivalNanos).containsExactly(500L, 1_000L, 2_000L);
        assertThat(all(TRACE.arriving(new ArrivalProcess.Even(1e6), 1)))
                .extracting(Request::arrivalNanos).containsExactly(1_000L, 2_000L, 3_000L);
    }

    @Test
    void deadlinesMoveWithTheirRequests() {
        Request request = new Request(0, 100, 1, 1, 0, 150, 0, PromptContent.UNSHARED);
        assertThat(request.at(7, 1_100).deadlineNanos()).isEqualTo(1_150);
        assertThat(new Request(0, 100, 1, 1).at(7, 1_100).deadlineNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void contentsAgreeAsFarAsTheirHashesDo() {
        Request first = hashed(0, 1, 2, 3);
        Request second = hashed(1, 1, 2, 4);
        int[] a = prompt(first);
        int[] b = prompt(second);
        for (int i = 0; i < 8; i++) {
            assertThat(a[i]).isEqualTo(b[i]);
        }
        assertThat(a[8]).isNotEqualTo(b[8]);
        assertThat(a[12]).as("behind the last hash").isNotEqualTo(b[12]);
        assertThat(prompt(first)).isEqualTo(a);
        assertThat(first.content().generated(first, 0)).isNotEqualTo(second.content().generated(second, 0));
    }

    private static Request hashed(long id, long... hashes) {
        return new Request(id, 0, 14, 1, 0, Long.MAX_VALUE, 0, new PromptContent.BlockHashes(hashes, 4));
    }

    private static int[] prompt(Request request) {
        int[] tokens = new int[request.promptTokens()];
        request.content().fill(request, tokens);
        return tokens;
    }

    @Test
    void impossibleNumbersAreRefused() {
        assertThatThrownBy(() -> new ArrivalProcess.Poisson(0)).hasMessageContaining("0.0 requests per second");
        assertThatThrownBy(() -> new ArrivalProcess.Gamma(1, Double.NaN)).hasMessageContaining("variation");
        assertThatThrownBy(() -> new LengthDistribution.Fixed(0, 1)).hasMessageContaining("prompt tokens");
        assertThatThrownBy(() -> new LengthDistribution.Uniform(1, 2, 5, 4)).hasMessageContaining("output tokens");
        assertThatThrownBy(() -> TRACE.repeated(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TRACE.faster(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Workload.of(List.of(new Request(0, 5, 1, 1), new Request(1, 4, 1, 1))))
                .hasMessageContaining("before its predecessor");
    }
}
