package dev.pillion.cli.hub;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Closes a response body that has brought nothing for a while, so that the read which waits on it fails: the HTTP client's
 * own time limit ends with the response's headers.
 */
final class StallGuard implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(60);

    private final AtomicLong lastNanos = new AtomicLong(System.nanoTime());
    private final Thread watcher;

    StallGuard(InputStream body) {
        watcher = Thread.ofVirtual().name("pillion-stall-guard").start(() -> watch(body));
    }

    /** Bytes have come. */
    void touch() {
        lastNanos.set(System.nanoTime());
    }

    @Override
    public void close() {
        watcher.interrupt();
    }

    private void watch(InputStream body) {
        try {
            long left = LIMIT.toNanos();
            while (left > 0) {
                Thread.sleep(Duration.ofNanos(left));
                left = LIMIT.toNanos() - (System.nanoTime() - lastNanos.get());
            }
            body.close();
        } catch (InterruptedException | IOException e) {
            // Interrupted: the transfer is over. Closing failed: then the body is broken already.
        }
    }
}
