package dev.pillion.sampling;

/**
 * Makes tokens that occurred before less (or more) likely.
 *
 * <p>Repetition: CTRL (Keskar et al. 2019, section 4.1) divides the score of a seen token by the penalty. Dividing
 * would favour a token with a negative score, so, as is usual since, a negative score is multiplied. It counts tokens
 * of the prompt and the generation inside the window, each once however often it occurs.
 *
 * <p>Frequency and presence, as the OpenAI API defines them: {@code logit -= count * frequency + (count > 0) *
 * presence}. They count the generation alone, so that a prompt does not punish the answer for using its words.
 */
final class Penalties {
    private Penalties() {}

    /** Applies all penalties in place to {@code logits[0..vocabularySize)}. */
    static void apply(SamplingParams params, TokenHistory history, float[] logits, int vocabularySize) {
        if (params.repetitionPenalty() != 1) {
            applyRepetition(params.repetitionPenalty(), history.windowCounts(), logits, vocabularySize);
        }
        if (params.countsGeneratedTokens()) {
            applyFrequencyAndPresence(params, history.generatedCounts(), logits, vocabularySize);
        }
    }

    private static void applyRepetition(double penalty, TokenCounts seen, float[] logits, int vocabularySize) {
        for (int slot = 0; slot < seen.slots(); slot++) {
            // A prompt may hold ids the output layer does not know, such as image placeholders.
            if (seen.countAt(slot) > 0 && seen.tokenAt(slot) < vocabularySize) {
                int token = seen.tokenAt(slot);
                double logit = logits[token];
                logits[token] = (float) (logit > 0 ? logit / penalty : logit * penalty);
            }
        }
    }

    private static void applyFrequencyAndPresence(
            SamplingParams params, TokenCounts generated, float[] logits, int vocabularySize) {
        for (int slot = 0; slot < generated.slots(); slot++) {
            int count = generated.countAt(slot);
            if (count > 0 && generated.tokenAt(slot) < vocabularySize) {
                logits[generated.tokenAt(slot)] -=
                        (float) (count * params.frequencyPenalty() + params.presencePenalty());
            }
        }
    }
}
