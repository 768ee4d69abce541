package dev.pillion.cli;

/** A line on stderr about work that goes on: with a bar and rewritten on a terminal, else a plain line now and then. */
final class ProgressLine {
    private static final int BAR_WIDTH = 24;
    private static final long REDRAW_NANOS = 100_000_000;
    private static final long PLAIN_LINE_NANOS = 10_000_000_000L;
    private static final String ERASE_LINE = "\r\u001b[K";

    private final CommandContext context;
    private final boolean quiet;
    private long shownNanos = System.nanoTime();

    ProgressLine(CommandContext context, boolean quiet) {
        this.context = context;
        this.quiet = quiet;
    }

    /** The work begins; the next showing is due an interval from now. */
    void begin() {
        shownNanos = System.nanoTime();
    }

    /** Whether it is time to show something again; then the time starts anew. */
    boolean isDue() {
        long now = System.nanoTime();
        boolean due = now - shownNanos >= (context.messagesOnTerminal() ? REDRAW_NANOS : PLAIN_LINE_NANOS);
        shownNanos = due ? now : shownNanos;
        return due;
    }

    /**
     * Shows how far the work is.
     *
     * @param share of it that is done, 0 to 1; negative where nobody knows
     */
    void show(double share, String text) {
        if (quiet) {
            return;
        }
        if (context.messagesOnTerminal()) {
            context.err().print(ERASE_LINE + bar(share) + text);
            context.err().flush();
        } else {
            context.err().println("pillion: " + text);
        }
    }

    /** Ends the line. */
    void end() {
        if (context.messagesOnTerminal() && !quiet) {
            context.err().println();
        }
    }

    private static String bar(double share) {
        if (share < 0) {
            return "";
        }
        int filled = (int) (Math.min(1, share) * BAR_WIDTH);
        return "[" + "=".repeat(filled) + " ".repeat(BAR_WIDTH - filled) + "] ";
    }
}
