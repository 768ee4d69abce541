package dev.pillion.cli;

import java.util.Locale;

/** Shows on stderr how a batch goes: a bar that is rewritten on a terminal, else a plain line now and then. */
final class BatchProgress {
    private static final int BAR_WIDTH = 24;
    private static final long REDRAW_NANOS = 100_000_000;
    private static final long PLAIN_LINE_NANOS = 10_000_000_000L;
    private static final String ERASE_LINE = "\r\u001b[K";

    private final CommandContext context;
    private final boolean quiet;
    private final int total;
    private final long startNanos = System.nanoTime();
    private long shownNanos = startNanos;
    private int done;
    private int failed;
    private long tokens;

    /**
     * Starts the display.
     *
     * @param total requests of the batch
     * @param done requests an earlier run finished
     * @param failed of them, those that failed
     */
    BatchProgress(CommandContext context, boolean quiet, int total, int done, int failed) {
        this.context = context;
        this.quiet = quiet;
        this.total = total;
        this.done = done;
        this.failed = failed;
    }

    /** A request ended. */
    void finished(int generatedTokens, boolean succeeded) {
        done++;
        failed += succeeded ? 0 : 1;
        tokens += generatedTokens;
        long interval = context.messagesOnTerminal() ? REDRAW_NANOS : PLAIN_LINE_NANOS;
        if (System.nanoTime() - shownNanos >= interval) {
            shownNanos = System.nanoTime();
            show();
        }
    }

    /** The run ended. */
    void stop() {
        show();
        if (context.messagesOnTerminal() && !quiet) {
            context.err().println();
        }
    }

    private void show() {
        if (quiet) {
            return;
        }
        double seconds = Math.max(1e-9, (System.nanoTime() - startNanos) / 1e9);
        String line = String.format(
                Locale.ROOT, "%d of %d requests, %d failed, %.1f tok/s", done, total, failed, tokens / seconds);
        if (context.messagesOnTerminal()) {
            context.err().print(ERASE_LINE + bar() + line);
            context.err().flush();
        } else {
            context.err().println("pillion: " + line);
        }
    }

    private String bar() {
        int filled = total == 0 ? BAR_WIDTH : (int) ((long) done * BAR_WIDTH / total);
        return "[" + "=".repeat(filled) + " ".repeat(BAR_WIDTH - filled) + "] ";
    }
}
