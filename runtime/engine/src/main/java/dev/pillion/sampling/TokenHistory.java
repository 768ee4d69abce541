package dev.pillion.sampling;

import java.util.Arrays;

/**
 * What one sequence has said so far, counted as the penalties need it: tokens of prompt and generation within the
 * repetition window, tokens of the generation alone. What no penalty asks for is not kept.
 */
final class TokenHistory {
    /** Room made in advance for generated tokens; longer generations grow by doubling. */
    private static final int RESERVED_TOKENS = 4096;

    private final boolean countsGenerated;
    private final boolean countsWindow;
    private final int window;
    private final TokenCounts generatedCounts;
    private final TokenCounts windowCounts;
    /** Every token, oldest first, to know which one leaves a finite window; empty for an infinite one. */
    private int[] tokens;
    private int length;
    private int generated;

    TokenHistory(SamplingParams params, int[] promptTokens, int maxTokens) {
        countsGenerated = params.countsGeneratedTokens();
        countsWindow = params.repetitionPenalty() != 1;
        window = params.repetitionWindow();
        int reserved = Math.min(maxTokens, RESERVED_TOKENS);
        int expected = Math.addExact(promptTokens.length, reserved);
        generatedCounts = new TokenCounts(countsGenerated ? reserved : 0);
        windowCounts = new TokenCounts(countsWindow ? (int) Math.min(expected, window + 1L) : 0);
        tokens = new int[keepsTokens() ? expected : 0];
        for (int token : promptTokens) {
            see(token);
        }
    }

    private boolean keepsTokens() {
        return countsWindow && window != SamplingParams.WHOLE_SEQUENCE;
    }

    /** Adds a token of the generation. */
    void addGenerated(int token) {
        see(token);
        generated++;
        if (countsGenerated) {
            generatedCounts.increment(token);
        }
    }

    private void see(int token) {
        if (token < 0) {
            throw new IllegalArgumentException("token id " + token + " is negative");
        }
        if (!countsWindow) {
            return;
        }
        windowCounts.increment(token);
        if (keepsTokens()) {
            if (length == tokens.length) {
                tokens = Arrays.copyOf(tokens, Math.max(2 * length, 16));
            }
            tokens[length++] = token;
            if (length > window) {
                windowCounts.decrement(tokens[length - 1 - window]);
            }
        }
    }

    /** How many tokens were generated: the position of the next one. */
    int generated() {
        return generated;
    }

    /** The tokens the repetition penalty sees: prompt and generation, within the window. */
    TokenCounts windowCounts() {
        return windowCounts;
    }

    /** The tokens the frequency and presence penalties see: the generation. */
    TokenCounts generatedCounts() {
        return generatedCounts;
    }
}
