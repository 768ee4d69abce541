package dev.pillion.engine;

import dev.pillion.Generation;
import java.util.Optional;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** A request that is cancelled while its last step runs has exactly one outcome, and leaves nothing behind. */
@JCStressTest
@Outcome(id = "1, 0, 0, 0", expect = Expect.ACCEPTABLE, desc = "finished")
@Outcome(id = "2, 0, 0, 0", expect = Expect.ACCEPTABLE, desc = "cancelled")
@Outcome(expect = Expect.FORBIDDEN, desc = "no outcome, two of them, or something left behind")
@State
public class CancelAgainstFinish {
    private final SmallEngine engine = SmallEngine.working();
    private final Optional<Generation> generation = engine.submit();

    /** The engine's thread: one step is all the request needs. */
    @Actor
    public void step() {
        engine.core.step();
    }

    /** The caller. */
    @Actor
    public void cancel() {
        generation.orElseThrow().cancel();
    }

    /** After both; a late cancellation is still in the inbox. */
    @Arbiter
    public void look(IIII_Result result) {
        engine.core.step();
        result.r1 = SmallEngine.outcome(generation.orElseThrow());
        result.r2 = engine.core.health().waiting();
        result.r3 = engine.core.openRequests();
        result.r4 = engine.core.scheduler().hasWork() ? 1 : 0;
    }
}
