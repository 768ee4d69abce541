package dev.pillion.engine;

import dev.pillion.Generation;
import java.util.Optional;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** No request is lost: a submission that comes with the close is refused or ends. */
@JCStressTest
@Outcome(id = "-1, 0", expect = Expect.ACCEPTABLE, desc = "refused")
@Outcome(id = "2, 0", expect = Expect.ACCEPTABLE, desc = "taken and cancelled")
@Outcome(expect = Expect.FORBIDDEN, desc = "lost, or counted as waiting")
@State
public class SubmitAgainstClose {
    private final SmallEngine engine = SmallEngine.working();
    private Optional<Generation> generation = Optional.empty();

    /** The caller. */
    @Actor
    public void submit() {
        generation = engine.submit();
    }

    /** The owner. */
    @Actor
    public void close() {
        engine.core.close();
    }

    /** After both. */
    @Arbiter
    public void look(II_Result result) {
        result.r1 = generation.map(SmallEngine::outcome).orElse(-1);
        result.r2 = engine.core.health().waiting();
    }
}
