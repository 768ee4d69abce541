package dev.pillion.sampling;

/**
 * A token and the natural logarithm of its probability.
 *
 * @param token the token id
 * @param logprob 0 or less; -Infinity for a token the model rules out
 */
public record TokenLogprob(int token, double logprob) {}
