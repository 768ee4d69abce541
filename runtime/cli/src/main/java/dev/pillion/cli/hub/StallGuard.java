package dev.pillion.cli.hub;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Closes a response body that has brought nothing for a while, so that the read which waits on it fails: the HTTP
 * client's own time limit ends with the response's headers.
 */
final class StallGuard implements AutoCloseable {
    private final AtomicLong lastNanos = new AtomicLong(System.nanoTime());
    private final long limitNanos;
    private final Thread watcher;

    /**
     * Starts to watch.
     *
     * @param body is closed where it stalls
     * @param limit how long it may bring nothing
     */
    StallGuard(InputStream body, Duration limit) {
        limitNanos = limit.toNanos();
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

    /** Waits until nobody watches any more. */
    void awaitEnd() throws InterruptedException {
        watcher.join();
    }

    private void watch(InputStream body) {
        try {
            long left = limitNanos;
            while (left > 0) {
                Thread.sleep(Duration.ofNanos(left));
                left = limitNanos - (System.nanoTime() - lastNanos.get());
            }
            body.close();
        } catch (InterruptedException | IOException e) {
            // Interrupted: the transfer is over. Closing failed: then the body is broken already.
        }
    }
}
