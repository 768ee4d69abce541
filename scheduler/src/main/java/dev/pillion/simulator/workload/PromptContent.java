package dev.pillion.simulator.workload;

/** What is known of the tokens of a request, as far as prefix caching goes. */
public sealed interface PromptContent {
    /** Nothing is known: the prompt shares no prefix with any other. */
    PromptContent UNSHARED = new Unshared();

    /** Writes the first {@code prompt.length} tokens. */
    void fill(Request request, int[] prompt);

    /** The token generated as number {@code i}. */
    default int generated(Request request, int i) {
        return unshared(request.id(), request.promptTokens() + i);
    }

    /** Nothing is known of the tokens. */
    record Unshared() implements PromptContent {
        @Override
        public void fill(Request request, int[] prompt) {
            for (int i = 0; i < prompt.length; i++) {
                prompt[i] = unshared(request.id(), i);
            }
        }
    }

    /**
     * The tokens themselves, so that a later prompt that quotes an answer finds it in the cache.
     *
     * @param prompt tokens of the prompt, not copied
     * @param output tokens of the answer, not copied; may be empty where they were not recorded
     */
    record Tokens(int[] prompt, int[] output) implements PromptContent {
        @Override
        public void fill(Request request, int[] target) {
            System.arraycopy(prompt, 0, target, 0, target.length);
        }

        @Override
        public int generated(Request request, int i) {
            return i < output.length ? output[i] : unshared(request.id(), request.promptTokens() + i);
        }
    }

    /**
     * A hash for each block of the prompt, equal where everything up to its end is equal (Mooncake's traces).
     *
     * @param hashes one for each block, the last of which may be partly filled; not copied
     * @param blockTokens tokens each hash stands for
     */
    record BlockHashes(long[] hashes, int blockTokens) implements PromptContent {
        @Override
        public void fill(Request request, int[] prompt) {
            for (int i = 0; i < prompt.length; i++) {
                int block = i / blockTokens;
                prompt[i] = block < hashes.length
                        ? token(hashes[block] * 0x9e3779b97f4a7c15L + i % blockTokens)
                        : unshared(request.id(), i);
            }
        }
    }

    private static int unshared(long id, int position) {
        return token(~id * 0xd1342543de82ef95L + position);
    }

    private static int token(long value) {
        long z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return (int) (z >>> 33);
    }
}
