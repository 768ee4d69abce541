package dev.pillion.simulator.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TimelineRecorderTest {
    @Test
    void seriesStayBoundedAndKeepTheirIntegrals() {
        SplittableRandom random = new SplittableRandom(3);
        TimelineRecorder recorder = new TimelineRecorder(50, 100);
        long now = 0;
        double running = 0;
        double used = 0;
        long decodes = 0;
        int level = 0;
        for (int i = 0; i < 5_000; i++) {
            long span = 1 + random.nextLong(30_000_000);
            running += (double) level * span;
            used += 2.0 * level * span;
            now += span;
            level = random.nextInt(40);
            recorder.level(now, level, 0, 2L * level);
            recorder.step(now, level, 7);
            decodes += level;
        }
        Timeline timeline = recorder.timeline(now + 1);
        assertThat(timeline.steps().length).isBetween(25, 50);
        double steps = 0;
        double decoded = 0;
        double runningSeen = 0;
        for (int i = 0; i < timeline.steps().length; i++) {
            steps += timeline.steps()[i];
            decoded += timeline.steps()[i] * timeline.decodeTokensPerStep()[i];
            double span = Math.min(timeline.bucketSeconds(), (now + 1) * 1e-9 - i * timeline.bucketSeconds());
            runningSeen += timeline.running()[i] * span * 1e9;
            assertThat(timeline.kvOccupancy()[i]).isCloseTo(timeline.running()[i] * 0.02, within(1e-9));
            assertThat(timeline.prefillTokensPerStep()[i]).isEqualTo(7);
        }
        assertThat(steps).isEqualTo(5_000);
        assertThat(decoded).isCloseTo(decodes, within(1e-6));
        assertThat(runningSeen).isCloseTo(running + level, within(running * 1e-9));
        assertThat(recorder.meanOccupancy(now + 1)).isCloseTo(used / (100.0 * now), within(1e-6));
        assertThat(recorder.peakOccupancy()).isEqualTo(0.78);
    }
}
