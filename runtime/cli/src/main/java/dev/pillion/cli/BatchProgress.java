package dev.pillion.cli;

import java.util.Locale;

/** Shows on stderr how a batch goes: a bar that is rewritten on a terminal, else a plain line now and then. */
final class BatchProgress {
    private final ProgressLine line;
    private final int total;
    private final long startNanos = System.nanoTime();
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
        this.line = new ProgressLine(context, quiet);
        this.total = total;
        this.done = done;
        this.failed = failed;
    }

    /** A request ended. */
    void finished(int generatedTokens, boolean succeeded) {
        done++;
        failed += succeeded ? 0 : 1;
        tokens += generatedTokens;
        if (line.isDue()) {
            show();
        }
    }

    /** The run ended. */
    void stop() {
        show();
        line.end();
    }

    private void show() {
        double seconds = Math.max(1e-9, (System.nanoTime() - startNanos) / 1e9);
        line.show(
                total == 0 ? 1 : (double) done / total,
                String.format(
                        Locale.ROOT, "%d of %d requests, %d failed, %.1f tok/s", done, total, failed, tokens / seconds));
    }
}
