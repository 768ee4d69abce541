package dev.pillion.cli;

import dev.pillion.LoadListener;
import java.util.OptionalLong;

/** Shows on a terminal how the weights come to the device, unless they are there before anybody wonders. */
final class LoadDisplay implements LoadListener, AutoCloseable {
    private static final long PATIENCE_NANOS = 300_000_000;

    private final ProgressDisplay display;
    private long shown;
    private boolean started;

    /** A display that keeps silent where standard error is no terminal, or where messages are not wanted. */
    LoadDisplay(CommandContext context, boolean quiet) {
        this(context, quiet, PATIENCE_NANOS);
    }

    LoadDisplay(CommandContext context, boolean quiet, long patienceNanos) {
        this.display = new ProgressDisplay(context, quiet || !context.messagesOnTerminal(), patienceNanos);
    }

    @Override
    public void loaded(long bytes, long totalBytes) {
        if (!started) {
            started = true;
            display.start("weights", 0, OptionalLong.of(totalBytes));
        }
        display.advance(bytes - shown);
        shown = bytes;
    }

    /** Leaves the line, whether all came or not. */
    @Override
    public void close() {
        if (started) {
            display.stop();
        }
    }
}
