package dev.pillion.sampling;

/**
 * The working memory of sampling, about 24 bytes per token of the vocabulary. One per engine thread, shared by all its
 * sequences one after another; nothing in it outlives a call.
 */
public final class SamplerScratch {
    private final int vocabularySize;
    private final float[] logits;
    private final Candidates candidates;

    /**
     * Allocates for one vocabulary.
     *
     * @param vocabularySize number of logits per row; 1 or more
     */
    public SamplerScratch(int vocabularySize) {
        if (vocabularySize < 1) {
            throw new IllegalArgumentException("vocabularySize is " + vocabularySize + "; allowed: 1 or more");
        }
        this.vocabularySize = vocabularySize;
        logits = new float[vocabularySize];
        candidates = new Candidates(vocabularySize);
    }

    /** Number of logits per row. */
    public int vocabularySize() {
        return vocabularySize;
    }

    /** Room for a row of logits that bias, bans and penalties may change. */
    float[] logits() {
        return logits;
    }

    /** Room for the tokens that can still be drawn. */
    Candidates candidates() {
        return candidates;
    }
}
