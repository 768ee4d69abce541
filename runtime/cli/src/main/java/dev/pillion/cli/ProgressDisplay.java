package dev.pillion.cli;

import dev.pillion.cli.hub.Progress;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Shows on stderr how something comes in: one line that is rewritten on a terminal, else a plain line now and then. What is
 * through before its patience ends is not shown at all.
 */
final class ProgressDisplay implements Progress {
    private static final int BAR_WIDTH = 24;
    private static final long REDRAW_NANOS = 100_000_000;
    private static final long PLAIN_LINE_NANOS = 10_000_000_000L;
    private static final String ERASE_LINE = "\r\u001b[K";

    private final CommandContext context;
    private final boolean quiet;
    private final long patienceNanos;
    private String name = "";
    private OptionalLong total = OptionalLong.empty();
    private long present;
    private long done;
    private long startNanos;
    private long shownNanos;
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
        this.context = context;
        this.quiet = quiet;
        this.patienceNanos = patienceNanos;
    }

    @Override
    public void start(String file, long alreadyPresent, OptionalLong size) {
        name = Printable.of(file);
        total = size;
        present = alreadyPresent;
        done = alreadyPresent;
        startNanos = System.nanoTime();
        shownNanos = startNanos;
        showing = false;
        show(alreadyPresent > 0 ? "resuming at " + ByteSize.format(alreadyPresent) : "");
    }

    @Override
    public void advance(long bytes) {
        done += bytes;
        if (System.nanoTime() - shownNanos >= (context.messagesOnTerminal() ? REDRAW_NANOS : PLAIN_LINE_NANOS)) {
            shownNanos = System.nanoTime();
            show(rate());
        }
    }

    @Override
    public void stop() {
        show(rate());
        if (context.messagesOnTerminal() && showing) {
            context.err().println();
        }
    }

    private void show(String remark) {
        showing |= !quiet && System.nanoTime() - startNanos >= patienceNanos;
        if (!showing) {
            return;
        }
        String line = name + "  " + amount() + (remark.isEmpty() ? "" : "  " + remark);
        if (context.messagesOnTerminal()) {
            context.err().print(ERASE_LINE + bar() + line);
            context.err().flush();
        } else {
            context.err().println("pillion: " + line);
        }
    }

    private String amount() {
        return total.isPresent()
                ? ByteSize.format(done) + " of " + ByteSize.format(total.getAsLong()) + " (" + percent() + " %)"
                : ByteSize.format(done);
    }

    private String bar() {
        if (total.isEmpty()) {
            return "";
        }
        int filled = (int) (percent() * BAR_WIDTH / 100);
        return "[" + "=".repeat(filled) + " ".repeat(BAR_WIDTH - filled) + "] ";
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
