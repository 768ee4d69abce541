package dev.pillion.simulator.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatencyTargetTest {
    @Test
    void targetsAreRead() {
        assertThat(LatencyTarget.parse("ttft=1s,tbt=100ms")).isEqualTo(List.of(
                new LatencyTarget(LatencyMetric.TTFT, 0.99, 1), new LatencyTarget(LatencyMetric.TBT, 0.99, 0.1)));
        assertThat(LatencyTarget.parse("P50 Delay <= 2s , p99.9 e2e=1.5m,max tpot=500us")).isEqualTo(List.of(
                new LatencyTarget(LatencyMetric.SCHEDULING_DELAY, 0.5, 2),
                new LatencyTarget(LatencyMetric.E2E, 0.9990000000000001, 90),
                new LatencyTarget(LatencyMetric.TPOT, 1, 500e-6)));
        assertThat(LatencyTarget.parse("median itl=20ms").getFirst())
                .isEqualTo(new LatencyTarget(LatencyMetric.TBT, 0.5, 0.02));
    }

    @Test
    void whatIsPrintedReadsBack() {
        for (String text : List.of("P99 ttft=1s", "P50 tbt=100ms", "P99.9 e2e=90s", "P100 tpot=0.5ms", "P99 ttft=1000s")) {
            LatencyTarget target = LatencyTarget.parse(text).getFirst();
            assertThat(target).hasToString(text);
            assertThat(LatencyTarget.parse(target.toString())).containsExactly(target);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ttft", "ttft=1", "speed=1s", "ttft=1h", "p0 ttft=1s", "p101 ttft=1s", "ttft=0s", "ttft=1..s", "ttft=-1s", ","})
    void nonsenseIsRefused(String text) {
        assertThatThrownBy(() -> LatencyTarget.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
