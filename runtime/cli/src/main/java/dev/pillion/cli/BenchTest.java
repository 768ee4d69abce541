package dev.pillion.cli;

/**
 * One thing to measure.
 *
 * @param batch sequences at once
 * @param promptTokens tokens of each prompt; 0 to measure generation alone
 * @param generatedTokens tokens generated per sequence; 0 to measure prompts alone
 */
record BenchTest(int batch, int promptTokens, int generatedTokens) {
    /** Name as in llama-bench. */
    String name() {
        if (generatedTokens == 0) {
            return "pp" + promptTokens;
        }
        return promptTokens == 0 ? "tg" + generatedTokens : "pp" + promptTokens + "+tg" + generatedTokens;
    }

    /** Tokens computed in one run, all sequences together. */
    long tokens() {
        return (long) batch * (promptTokens + generatedTokens);
    }
}
