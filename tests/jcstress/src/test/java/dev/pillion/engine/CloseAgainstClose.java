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

/** Two owners close at once: each finds everything ended when it comes back, and the device is closed once. */
@JCStressTest
@Outcome(id = "1, 1, 2, 0", expect = Expect.ACCEPTABLE, desc = "closed once, the request cancelled")
@Outcome(expect = Expect.FORBIDDEN, desc = "closed twice, or a close that did not wait")
@State
public class CloseAgainstClose {
    private final SmallEngine engine = SmallEngine.working();
    private final Optional<Generation> generation = takenByTheScheduler();

    private Optional<Generation> takenByTheScheduler() {
        Optional<Generation> submitted = engine.submit();
        engine.core.takeCommands();
        return submitted;
    }

    /** One owner. */
    @Actor
    public void one(IIII_Result result) {
        result.r1 = closeAndLook();
    }

    /** The other. */
    @Actor
    public void other(IIII_Result result) {
        result.r2 = closeAndLook();
    }

    private int closeAndLook() {
        engine.core.close();
        return generation.orElseThrow().isDone() ? engine.backend.closes.get() : -1;
    }

    /** After both. */
    @Arbiter
    public void look(IIII_Result result) {
        result.r3 = SmallEngine.outcome(generation.orElseThrow());
        result.r4 = engine.core.health().waiting();
    }
}
