package dev.pillion.engine;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Two callers want the one place of the queue: one gets it. */
@JCStressTest
@Outcome(id = {"1, 0, 1", "0, 1, 1"}, expect = Expect.ACCEPTABLE, desc = "one gets the place")
@Outcome(expect = Expect.FORBIDDEN, desc = "both or none, or a wrong count")
@State
public class SubmitAgainstSubmit {
    private final SmallEngine engine = SmallEngine.working();

    /** One caller. */
    @Actor
    public void one(III_Result result) {
        result.r1 = engine.submit().isPresent() ? 1 : 0;
    }

    /** The other. */
    @Actor
    public void other(III_Result result) {
        result.r2 = engine.submit().isPresent() ? 1 : 0;
    }

    /** After both. */
    @Arbiter
    public void look(III_Result result) {
        result.r3 = engine.core.health().waiting();
    }
}
