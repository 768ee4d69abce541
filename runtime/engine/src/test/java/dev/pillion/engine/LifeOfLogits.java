package dev.pillion.engine;

import dev.pillion.PillionException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Logits asked for within a {@link RandomLife}, and what they have to be. */
final class LifeOfLogits {
    private final int[] tokens;
    private final boolean all;
    private final CompletableFuture<float[][]> result;
    private boolean mayFail;

    LifeOfLogits(EngineCore core, int[] tokens, boolean all) {
        this.tokens = tokens;
        this.all = all;
        result = core.submitLogits(tokens.clone(), all);
    }

    boolean isDone() {
        return result.isDone();
    }

    /** The device failed while this was under way. */
    void mayFail() {
        mayFail |= !result.isDone();
    }

    void checkOutcome() {
        try {
            float[][] rows = result.join();
            RandomLife.require(rows.length == (all ? tokens.length : 1), rows.length + " rows of logits");
            for (int row = 0; row < rows.length; row++) {
                int[] prefix = all ? Arrays.copyOf(tokens, row + 1) : tokens;
                RandomLife.require(
                        Arrays.equals(rows[row], Oracle.logitsAfter(prefix)), "wrong logits in row " + row);
            }
        } catch (CompletionException e) {
            PillionException.Code code = ((PillionException) e.getCause()).code();
            boolean expected =
                    code == PillionException.Code.QUEUE_FULL || mayFail && code == PillionException.Code.REQUEST_FAILED;
            RandomLife.require(expected, "logits failed: " + e.getCause());
        }
    }
}
