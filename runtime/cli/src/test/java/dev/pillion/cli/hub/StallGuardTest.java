package dev.pillion.cli.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
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
            closed.await();
        }
    }

    @Test
    void leavesABodyAloneThatIsDone() throws InterruptedException {
        StallGuard guard = new StallGuard(body, Duration.ofDays(1));
        guard.touch();
        guard.close();
        guard.awaitEnd();
        assertThat(closed.getCount()).isEqualTo(1);
    }
}
