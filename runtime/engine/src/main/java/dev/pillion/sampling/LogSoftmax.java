package dev.pillion.sampling;

import java.util.ArrayList;
import java.util.List;

/**
 * Log-softmax of one row of raw logits, in double and in ascending id order, so that the same logits give the same
 * bits. +Infinity is taken as a limit: tokens that have it share the probability equally.
 */
final class LogSoftmax {
    private LogSoftmax() {}

    /**
     * The log-probabilities of the chosen token and of the {@code top} most likely ones.
     *
     * @param logits {@code [vocabularySize]} raw logits from {@code offset}
     * @param position the generated position, for the message of a failure
     */
    static TokenLogprobs of(float[] logits, int offset, int vocabularySize, int chosen, int top, int position) {
        double highest = highest(logits, offset, vocabularySize, position);
        double logSum = logSum(logits, offset, vocabularySize, highest);
        List<TokenLogprob> best = new ArrayList<>();
        for (int token : topTokens(logits, offset, vocabularySize, Math.min(top, vocabularySize))) {
            best.add(new TokenLogprob(token, distance(logits[offset + token], highest) - logSum));
        }
        return new TokenLogprobs(
                new TokenLogprob(chosen, distance(logits[offset + chosen], highest) - logSum), best);
    }

    private static double highest(float[] logits, int offset, int vocabularySize, int position) {
        float highest = Float.NEGATIVE_INFINITY;
        for (int token = 0; token < vocabularySize; token++) {
            float logit = logits[offset + token];
            if (Float.isNaN(logit)) {
                throw SamplingException.nanLogit(token, position);
            }
            highest = Math.max(highest, logit);
        }
        if (highest == Float.NEGATIVE_INFINITY) {
            throw SamplingException.noTokenLeft(vocabularySize, position);
        }
        return highest;
    }

    /** The logarithm of the sum of e^(logit - highest). */
    private static double logSum(float[] logits, int offset, int vocabularySize, double highest) {
        double sum = 0;
        for (int token = 0; token < vocabularySize; token++) {
            sum += NegativeExp.exp(distance(logits[offset + token], highest));
        }
        return StrictMath.log(sum);
    }

    /** Logit minus highest logit; 0 where both are the same infinity. */
    private static double distance(float logit, double highest) {
        return logit == highest ? 0 : logit - highest;
    }

    /** The {@code top} most likely tokens in order: an insertion into a list this short beats any selection. */
    private static int[] topTokens(float[] logits, int offset, int vocabularySize, int top) {
        int[] best = new int[top];
        int found = 0;
        for (int token = 0; token < vocabularySize && top > 0; token++) {
            float logit = logits[offset + token];
            if (found == top && !(logit > logits[offset + best[top - 1]])) {
                continue;
            }
            int slot = found == top ? top - 1 : found++;
            while (slot > 0 && logit > logits[offset + best[slot - 1]]) {
                best[slot] = best[slot - 1];
                slot--;
            }
            best[slot] = token;
        }
        return best;
    }
}
