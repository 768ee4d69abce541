package dev.pillion.engine;

import dev.pillion.Completion;
import dev.pillion.FinishReason;
import dev.pillion.GeneratedToken;
import dev.pillion.GenerationResult;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A reader gets every token, in order, and who sees the end of the stream sees the result. */
@JCStressTest
@Outcome(id = "2, 1, 1", expect = Expect.ACCEPTABLE, desc = "both tokens in order, then the result")
@Outcome(expect = Expect.FORBIDDEN, desc = "a token lost, doubled or late")
@State
public class ReadAgainstDeliver {
    private static final GenerationResult RESULT = new GenerationResult(
            List.of(new Completion("", List.of(0, 1), FinishReason.LENGTH, List.of())), 1, 0, 0,
            new GenerationResult.Timing(Duration.ZERO, Duration.ZERO, Duration.ZERO));

    private final StreamedGeneration generation = new StreamedGeneration(0, () -> {});

    /** The engine's thread. */
    @Actor
    public void deliver() {
        generation.deliver(new GeneratedToken(0, 0, "", Optional.empty()));
        generation.deliver(new GeneratedToken(0, 1, "", Optional.empty()));
        generation.finish(RESULT);
    }

    /** The caller. */
    @Actor
    public void read(III_Result result) {
        int read = 0;
        boolean ordered = true;
        for (GeneratedToken token : generation) {
            ordered &= token.id() == read++;
        }
        result.r1 = read;
        result.r2 = ordered ? 1 : 0;
        result.r3 = generation.isDone() && generation.next().isEmpty() ? 1 : 0;
    }
}
