package dev.pillion.cpu;

import java.util.SplittableRandom;

/** Seed of the random tests: fixed, or {@code -Dpillion.test.seed=N}. Tests print it when they fail. */
final class Seed {
    static final long VALUE = Long.getLong("pillion.test.seed", 20261121L);

    private Seed() {}

    static SplittableRandom random() {
        return new SplittableRandom(VALUE);
    }

    static String message(String context) {
        return context + " (seed " + VALUE + ")";
    }
}
