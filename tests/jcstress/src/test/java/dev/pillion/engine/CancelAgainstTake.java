package dev.pillion.engine;

import dev.pillion.Generation;
import java.util.Optional;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A caller submits and cancels at once while the engine takes what is in the inbox. */
@JCStressTest
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "finished before the cancellation came")
@Outcome(id = "2, 0, 0", expect = Expect.ACCEPTABLE, desc = "cancelled")
@Outcome(expect = Expect.FORBIDDEN, desc = "no outcome, two of them, or something left behind")
@State
public class CancelAgainstTake {
    private final SmallEngine engine = SmallEngine.working();
    private Optional<Generation> generation = Optional.empty();

    /** The engine's thread. */
    @Actor
    public void step() {
        engine.core.step();
        engine.core.step();
    }

    /** The caller. */
    @Actor
    public void submitAndCancel() {
        generation = engine.submit();
        generation.ifPresent(Generation::cancel);
    }

    /** After both. */
    @Arbiter
    public void look(III_Result result) {
        engine.core.step();
        engine.core.step();
        result.r1 = generation.map(SmallEngine::outcome).orElse(-1);
        result.r2 = engine.core.health().waiting();
        result.r3 = engine.core.openRequests();
    }
}
