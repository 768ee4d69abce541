package dev.pillion.sampling;

import dev.pillion.spi.SamplingRows;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Chooses the tokens of one sequence. One row of logits goes through a chain whose order is fixed:
 *
 * <ol>
 *   <li>logit bias: added; -Infinity bans, whatever the logit is
 *   <li>minimum tokens: until they are reached, every token that would end the generation is banned
 *   <li>penalties: repetition, then frequency and presence ({@link Penalties})
 *   <li>greedy: the highest logit, the lowest id among equals; the chain ends here
 *   <li>temperature
 *   <li>top-k
 *   <li>top-p
 *   <li>min-p
 *   <li>typical-p
 *   <li>the draw: the token at the fraction u of the remaining weight, in ascending id order
 * </ol>
 *
 * <p>Each filter sees the renormalised distribution the one before it left, and always leaves at least one token.
 *
 * <p>u is a hash of the seed and the position ({@link CounterRandom}), so sampling has no state but the tokens
 * accepted: the same logits at the same position give the same token, after a preemption, in another batch, or asked
 * twice. No call but {@link #logprobs} allocates, except that the counts of a long generation grow now and then.
 *
 * <p>Not thread-safe; an engine thread calls the samplers of its sequences one after another.
 */
public final class Sampler {
    private final SamplingParams params;
    private final int vocabularySize;
    private final long seed;
    private final int minTokens;
    private final int[] endingTokens;
    private final int[] biasedTokens;
    private final double[] biases;
    private final TokenHistory history;

    /**
     * A sampler at the beginning of a sequence's generation.
     *
     * @param params how to choose
     * @param stops when to stop: which tokens end the generation, and how many have to come before
     * @param modelEndTokens the model's own end tokens
     * @param vocabularySize number of logits per row
     * @param promptTokens the whole prompt, also where a prefix hit spares computing it
     * @throws SamplingParameterException if a parameter names a token outside the vocabulary
     */
    public Sampler(
            SamplingParams params,
            StopConditions stops,
            Set<Integer> modelEndTokens,
            int vocabularySize,
            int[] promptTokens) {
        this.params = params;
        this.vocabularySize = vocabularySize;
        seed = params.seed().orElseGet(CounterRandom::chooseSeed);
        minTokens = stops.minTokens();
        requireInVocabulary("stopTokenIds", stops.endingTokens(Set.of()));
        // An end token without a logit is never drawn and needs no ban.
        endingTokens = Arrays.stream(stops.endingTokens(modelEndTokens)).filter(t -> t < vocabularySize).toArray();
        biasedTokens = params.logitBias().keySet().stream().mapToInt(Integer::intValue).toArray();
        biases = params.logitBias().values().stream().mapToDouble(Double::doubleValue).toArray();
        requireInVocabulary("logitBias", biasedTokens);
        history = new TokenHistory(params, promptTokens, stops.maxTokens());
    }

    private void requireInVocabulary(String parameter, int[] ascendingTokens) {
        if (ascendingTokens.length > 0 && ascendingTokens[ascendingTokens.length - 1] >= vocabularySize) {
            throw new SamplingParameterException(parameter, "for token " + ascendingTokens[ascendingTokens.length - 1],
                    "allowed token ids: 0 to " + (vocabularySize - 1) + ", the model's vocabulary");
        }
    }

    /** The seed of the draws: the one asked for, or the one chosen for want of it. Asking for it repeats the tokens. */
    public long seed() {
        return seed;
    }

    /** How many tokens were accepted: the position of the next draw. */
    public int generatedTokens() {
        return history.generated();
    }

    /**
     * Chooses the next token. Does not move on: {@link #accept} does.
     *
     * @param logits the model's raw logits; left unchanged
     * @param offset where this sequence's {@code [vocabularySize]} logits begin
     * @param scratch working memory for the same vocabulary size
     * @return a token id
     * @throws SamplingException if a logit is NaN or no token can be drawn: this request's failure
     */
    public int sample(float[] logits, int offset, SamplerScratch scratch) {
        requireRow(logits, offset);
        if (scratch.vocabularySize() != vocabularySize) {
            throw new IllegalArgumentException("the scratch is for " + scratch.vocabularySize()
                    + " tokens, the sampler for " + vocabularySize + "; make one per vocabulary");
        }
        requireNumbers(logits, offset);
        boolean changed = biasedTokens.length > 0 || bansEndingTokens(0) || params.hasPenalties();
        if (!changed) {
            return choose(logits, offset, scratch.candidates());
        }
        System.arraycopy(logits, offset, scratch.logits(), 0, vocabularySize);
        adjust(scratch.logits());
        return choose(scratch.logits(), 0, scratch.candidates());
    }

    /** Whether what {@link #describe} says of a position depends on which tokens came before, and not only on how many. */
    public boolean dependsOnTokens() {
        return params.hasPenalties();
    }

    /**
     * How many tokens {@link #describe} would name, at most.
     *
     * @param unknown tokens that are sampled and not yet accepted
     */
    public int adjustments(int unknown) {
        int banned = bansEndingTokens(unknown) ? endingTokens.length : 0;
        return biasedTokens.length + banned + history.windowCounts().size() + history.generatedCounts().size();
    }

    /**
     * Says how the next token is to be chosen, for a device that does it as {@link #sample} would.
     *
     * @param rows where to say it
     * @param unknown tokens before it that are sampled and not yet accepted; other than 0 only where this sampler does not
     *     {@linkplain #dependsOnTokens depend on them}
     */
    public void describe(SamplingRows rows, int unknown) {
        if (unknown > 0 && dependsOnTokens()) {
            throw new IllegalStateException("penalties act on tokens that are not known yet");
        }
        if (params.isGreedy()) {
            rows.mostLikely();
        } else {
            rows.draw(seed, history.generated() + unknown);
            rows.filter(
                    params.temperature(), params.topK(), params.topP(), params.minP(), params.typicalP());
        }
        rows.penalties(params.repetitionPenalty(), params.frequencyPenalty(), params.presencePenalty());
        params.logprobs().ifPresent(rows::logprobs);
        describeAdjustments(rows, bansEndingTokens(unknown));
    }

    /** Each token once: those the repetition penalty sees, then those generated, biased, banned that are not yet named. */
    private void describeAdjustments(SamplingRows rows, boolean bans) {
        TokenCounts seen = history.windowCounts();
        TokenCounts generated = history.generatedCounts();
        for (int slot = 0; slot < seen.slots(); slot++) {
            if (seen.countAt(slot) > 0) {
                adjust(rows, seen.tokenAt(slot), bans);
            }
        }
        for (int slot = 0; slot < generated.slots(); slot++) {
            if (generated.countAt(slot) > 0 && seen.count(generated.tokenAt(slot)) == 0) {
                adjust(rows, generated.tokenAt(slot), bans);
            }
        }
        for (int token : biasedTokens) {
            if (seen.count(token) == 0 && generated.count(token) == 0) {
                adjust(rows, token, bans);
            }
        }
        for (int token : endingTokens) {
            boolean named = seen.count(token) > 0 || generated.count(token) > 0 || biasOf(token) >= 0;
            if (bans && !named) {
                adjust(rows, token, bans);
            }
        }
    }

    private void adjust(SamplingRows rows, int token, boolean bans) {
        // A prompt may hold ids the output layer does not know, such as image placeholders.
        if (token >= vocabularySize) {
            return;
        }
        int place = biasOf(token);
        double bias = place < 0 ? 0 : biases[place];
        boolean banned = bias == Double.NEGATIVE_INFINITY || bans && isEndingToken(token);
        rows.adjust(
                token,
                bias == Double.NEGATIVE_INFINITY ? 0 : bias,
                banned,
                history.windowCounts().count(token) > 0,
                history.generatedCounts().count(token));
    }

    private int biasOf(int token) {
        return Arrays.binarySearch(biasedTokens, token);
    }

    private boolean isEndingToken(int token) {
        for (int ending : endingTokens) {
            if (ending == token) {
                return true;
            }
        }
        return false;
    }

    /**
     * Moves to the next position.
     *
     * @param token the token that became part of the sequence, usually the one just sampled
     */
    public void accept(int token) {
        history.addGenerated(token);
    }

    /**
     * Log-probabilities of the model's own distribution at this position, if the request asked for any. To be called
     * with the raw logits of the token, before it is accepted.
     *
     * @param logits the model's raw logits
     * @param offset where this sequence's {@code [vocabularySize]} logits begin
     * @param token the token that was chosen
     * @throws SamplingException if a logit is NaN or all are -Infinity: this request's failure
     */
    public Optional<TokenLogprobs> logprobs(float[] logits, int offset, int token) {
        if (params.logprobs().isEmpty()) {
            return Optional.empty();
        }
        requireRow(logits, offset);
        Objects.checkIndex(token, vocabularySize);
        int top = params.logprobs().getAsInt();
        return Optional.of(LogSoftmax.of(logits, offset, vocabularySize, token, top, history.generated()));
    }

    private void requireRow(float[] logits, int offset) {
        Objects.checkFromIndexSize(offset, vocabularySize, logits.length);
    }

    private void requireNumbers(float[] logits, int offset) {
        for (int token = 0; token < vocabularySize; token++) {
            if (Float.isNaN(logits[offset + token])) {
                throw SamplingException.nanLogit(token, history.generated());
            }
        }
    }

    private boolean bansEndingTokens(int unknown) {
        return history.generated() + unknown < minTokens;
    }

    /** Bias, bans and penalties, in place. */
    private void adjust(float[] row) {
        for (int i = 0; i < biasedTokens.length; i++) {
            boolean banned = biases[i] == Double.NEGATIVE_INFINITY;
            // A sum would make a NaN of a ban and a logit of +Infinity.
            row[biasedTokens[i]] =
                    banned ? Float.NEGATIVE_INFINITY : (float) (row[biasedTokens[i]] + biases[i]);
        }
        if (bansEndingTokens(0)) {
            for (int token : endingTokens) {
                row[token] = Float.NEGATIVE_INFINITY;
            }
        }
        Penalties.apply(params, history, row, vocabularySize);
    }

    private int choose(float[] row, int offset, Candidates candidates) {
        if (params.isGreedy()) {
            return mostLikely(row, offset);
        }
        candidates.load(row, offset, vocabularySize);
        if (candidates.count() == 0) {
            throw SamplingException.noTokenLeft(vocabularySize, history.generated());
        }
        filter(params, candidates);
        return candidates.draw(CounterRandom.uniform(seed, history.generated()));
    }

    /** Temperature and filters; top-k comes first, which is the same as after the temperature and cheaper. */
    static void filter(SamplingParams params, Candidates candidates) {
        if (params.topK() > 0) {
            candidates.keepTopK(params.topK());
        }
        candidates.weigh(params.temperature());
        if (params.topP() < 1) {
            candidates.keepTopP(params.topP());
        }
        if (params.minP() > 0) {
            candidates.keepMinP(params.minP());
        }
        if (params.typicalP() < 1) {
            candidates.keepTypical(params.typicalP());
        }
    }

    private int mostLikely(float[] row, int offset) {
        int best = 0;
        for (int token = 1; token < vocabularySize; token++) {
            if (row[offset + token] > row[offset + best]) {
                best = token;
            }
        }
        if (row[offset + best] == Float.NEGATIVE_INFINITY) {
            throw SamplingException.noTokenLeft(vocabularySize, history.generated());
        }
        return best;
    }
}
