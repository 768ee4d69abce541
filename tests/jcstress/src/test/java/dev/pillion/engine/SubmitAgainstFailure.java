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

/** A submission that comes while the engine fails is refused or fails. */
@JCStressTest
@Outcome(id = "3, -1, 0", expect = Expect.ACCEPTABLE, desc = "refused")
@Outcome(id = "3, 3, 0", expect = Expect.ACCEPTABLE, desc = "taken and failed")
@Outcome(expect = Expect.FORBIDDEN, desc = "lost, or counted as waiting")
@State
public class SubmitAgainstFailure {
    private final SmallEngine engine = SmallEngine.broken();
    private final Optional<Generation> first = engine.submit();
    private Optional<Generation> second = Optional.empty();

    /** The engine's thread: fails at the first step. */
    @Actor
    public void loop() {
        engine.core.loop();
    }

    /** The caller. */
    @Actor
    public void submit() {
        second = engine.submit();
    }

    /** After both. */
    @Arbiter
    public void look(III_Result result) {
        result.r1 = first.map(SmallEngine::outcome).orElse(-1);
        result.r2 = second.map(SmallEngine::outcome).orElse(-1);
        result.r3 = engine.core.health().waiting();
    }
}
