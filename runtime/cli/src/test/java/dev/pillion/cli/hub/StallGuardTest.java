package dev.pillion.cli.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StallGuardTest {
    private final CountDownLatch closed = new CountDownLatch(1);

    private final InputStream body = new InputStream() {
        @Override
        public int read() {
            return -1;
        }

        @Override
        public void close() {
            closed.countDown();
        }
    };

    @Test
    void closesABodyThatBringsNothing() throws InterruptedException {
        try (StallGuard guard = new StallGuard(body, Duration.ofMillis(20))) {
            guard.touch();
            assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void leavesABodyAloneThatIsDone() throws InterruptedException {
        try (StallGuard guard = new StallGuard(body, Duration.ofMillis(300))) {
            guard.touch();
        }
        assertThat(closed.await(600, TimeUnit.MILLISECONDS)).isFalse();
    }
}
