package dev.pillion.sampling;

import java.util.SplittableRandom;

/** The seed of random tests: fixed, unless {@code -Dpillion.test.seed=N} asks for another. */
final class TestSeed {
    static final long SEED = Long.getLong("pillion.test.seed", 20260721L);

    private TestSeed() {}

    /** A generator for one case of a test; distinct cases get unrelated streams. */
    static SplittableRandom random(int caseNumber) {
        return new SplittableRandom(SEED * 1_000_003L + caseNumber);
    }

    /** What to print when a case fails. */
    static String describe(int caseNumber) {
        return "seed " + SEED + " (-Dpillion.test.seed), case " + caseNumber;
    }
}
