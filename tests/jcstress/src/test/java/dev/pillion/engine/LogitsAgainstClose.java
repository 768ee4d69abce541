package dev.pillion.engine;

import dev.pillion.PillionException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** Nobody waits for logits of a closed engine. */
@JCStressTest
@Outcome(id = "-1", expect = Expect.ACCEPTABLE, desc = "refused")
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "taken and failed")
@Outcome(expect = Expect.FORBIDDEN, desc = "lost")
@State
public class LogitsAgainstClose {
    private final SmallEngine engine = SmallEngine.working();
    private Optional<CompletableFuture<float[][]>> logits = Optional.empty();

    /** The caller. */
    @Actor
    public void ask() {
        try {
            logits = Optional.of(engine.core.submitLogits(new int[] {1}, false));
        } catch (PillionException e) {
            logits = Optional.empty();
        }
    }

    /** The owner. */
    @Actor
    public void close() {
        engine.core.close();
    }

    /** After both. */
    @Arbiter
    public void look(I_Result result) {
        result.r1 = logits.map(job -> job.isCompletedExceptionally() ? 1 : 0).orElse(-1);
    }
}
