package dev.pillion.cli;

import dev.pillion.cli.hub.Progress;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Shows on stderr how something comes in: one line that is rewritten on a terminal, else a plain line now and then. What is
 * through before its patience ends is not shown at all.
 */
final class ProgressDisplay implements Progress {
    private final ProgressLine line;
    private final long patienceNanos;
    private String name = "";
    private OptionalLong total = OptionalLong.empty();
    private long present;
    private long done;
    private long startNanos;
    private boolean showing;

    /** A display that shows everything from the start. */
    ProgressDisplay(CommandContext context, boolean quiet) {
        this(context, quiet, 0);
    }

    /**
     * A display.
     *
     * @param quiet show nothing
     * @param patienceNanos show nothing before so much time has passed
     */
    ProgressDisplay(CommandContext context, boolean quiet, long patienceNanos) {
        this.line = new ProgressLine(context, quiet);
        this.patienceNanos = patienceNanos;
    }

    @Override
    public void start(String file, long alreadyPresent, OptionalLong size) {
        name = Printable.of(file);
        total = size;
        present = alreadyPresent;
        done = alreadyPresent;
        startNanos = System.nanoTime();
        showing = false;
        line.begin();
        show(alreadyPresent > 0 ? "resuming at " + ByteSize.format(alreadyPresent) : "");
    }

    @Override
    public void advance(long bytes) {
        done += bytes;
        if (line.isDue()) {
            show(rate());
        }
    }

    @Override
    public void stop() {
        show(rate());
        if (showing) {
            line.end();
        }
    }

    private void show(String remark) {
        showing |= System.nanoTime() - startNanos >= patienceNanos;
        if (showing) {
            line.show(
                    total.isEmpty() ? -1 : percent() / 100.0,
                    name + "  " + amount() + (remark.isEmpty() ? "" : "  " + remark));
        }
    }

    private String amount() {
        return total.isPresent()
                ? ByteSize.format(done) + " of " + ByteSize.format(total.getAsLong()) + " (" + percent() + " %)"
                : ByteSize.format(done);
    }

    private long percent() {
        long size = total.orElse(0);
        return size == 0 ? 100 : (long) Math.min(100, 100.0 * done / size);
    }

    private String rate() {
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        return seconds < 0.5 ? "" : String.format(Locale.ROOT, "%.1f MiB/s", (done - present) / seconds / (1 << 20));
    }
}
