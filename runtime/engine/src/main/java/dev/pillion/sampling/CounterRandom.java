package dev.pillion.sampling;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Random numbers without a state: the number is a hash of the seed and the position. A stateful generator would have to
 * be carried along, rolled back after a rejected draft and replayed after a preemption; here the draw of position 17 is
 * the same whoever asks, when, how often, and whatever else is in the batch.
 *
 * <p>The stream is SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014) in
 * counter form: {@code mix(mix(seed) + (position + 1) * GOLDEN)}. The seed is mixed first, so that neighbouring seeds
 * do not give shifted copies of one stream. It is part of the product's contract: a seed gives the same numbers in
 * every release.
 */
final class CounterRandom {
    /** 2^64 divided by the golden ratio, odd: the increment of SplitMix64. */
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    /** Separates the seeds of a request's choices from the draws of its positions. */
    private static final long CHOICE_SALT = 0xD1342543DE82EF95L;
    /** 2^-53: the spacing of the doubles in [0.5, 1). */
    private static final double ULP = 0x1.0p-53;

    private CounterRandom() {}

    /** A uniform number in [0, 1), a multiple of 2^-53. */
    static double uniform(long seed, int position) {
        long bits = mix(mix(seed) + (position + 1L) * GOLDEN);
        return (bits >>> 11) * ULP;
    }

    /** The seed of one of several choices drawn for the same request; choice 0 keeps the request's seed. */
    static long seedOfChoice(long seed, int choice) {
        return choice == 0 ? seed : mix(mix(seed ^ CHOICE_SALT) + choice * GOLDEN);
    }

    /** A seed for a request that brought none: 53 bits, so that it survives the way through a JSON number. */
    static long chooseSeed() {
        return ThreadLocalRandom.current().nextLong() >>> 11;
    }

    /** The finaliser of SplitMix64 (Stafford's mix 13): a bijection in which each input bit reaches each output bit. */
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
