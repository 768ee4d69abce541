package dev.pillion.sampling;

import java.util.Collections;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How the next token is chosen from the model's distribution; when to stop is {@link StopConditions}. The default draws
 * from the model's own distribution, unchanged. {@link Sampler} says in which order the parameters act.
 *
 * @param isGreedy true: always the most likely token after bias, bans and penalties; temperature and the filters are
 *     then ignored, since none of them is meant to change which token is the most likely one
 * @param temperature divides the logits; above 0 and at most {@value #MAX_TEMPERATURE}; 1 changes nothing
 * @param topK keeps the k most likely tokens, the lower id first among equals; 0 is off
 * @param topP keeps the fewest most likely tokens whose probabilities reach this sum; in (0, 1]; 1 is off
 * @param minP keeps tokens at least this fraction as likely as the most likely one; in [0, 1]; 0 is off
 * @param typicalP keeps the fewest tokens whose surprisal is closest to the entropy and whose probabilities reach this
 *     sum; in (0, 1]; 1 is off
 * @param repetitionPenalty divides positive and multiplies negative logits of tokens seen in the prompt or the
 *     generation; above 0 and at most {@value #MAX_REPETITION_PENALTY}; 1 is off
 * @param repetitionWindow how many of the last tokens (prompt and generated) the repetition penalty sees; at least 1;
 *     {@link #WHOLE_SEQUENCE} for all
 * @param frequencyPenalty subtracted from a token's logit once for each time it was generated; in [-2, 2]; 0 is off
 * @param presencePenalty subtracted once from the logit of each token generated before; in [-2, 2]; 0 is off
 * @param logitBias token id to what is added to its logit; finite, or -Infinity to ban the token
 * @param seed the seed of the draws; empty: one is chosen, and reported by {@link Sampler#seed()}
 * @param logprobs how many of the most likely tokens to report log-probabilities for, 0 to {@value #MAX_LOGPROBS}
 *     besides the chosen one; empty: report none, not even the chosen one's
 */
public record SamplingParams(
        boolean isGreedy,
        double temperature,
        int topK,
        double topP,
        double minP,
        double typicalP,
        double repetitionPenalty,
        int repetitionWindow,
        double frequencyPenalty,
        double presencePenalty,
        SortedMap<Integer, Double> logitBias,
        OptionalLong seed,
        OptionalInt logprobs) {

    /** The highest temperature: above it the draw is uniform for every practical purpose. */
    public static final double MAX_TEMPERATURE = 100;
    /** The highest repetition penalty: above it every repeated token is as good as banned. */
    public static final double MAX_REPETITION_PENALTY = 100;
    /** The largest magnitude of the frequency and presence penalties, as in the OpenAI API. */
    public static final double MAX_ADDITIVE_PENALTY = 2;
    /** The most alternatives whose log-probabilities can be reported, as in the OpenAI API. */
    public static final int MAX_LOGPROBS = 20;
    /** A {@link #repetitionWindow} that sees every token of the sequence. */
    public static final int WHOLE_SEQUENCE = Integer.MAX_VALUE;

    /**
     * Checks every range and copies the bias.
     *
     * @throws SamplingParameterException if a parameter is outside its range
     */
    public SamplingParams {
        if (temperature == 0) {
            throw new SamplingParameterException("temperature", temperature, "allowed: greater than 0.0 and at most "
                    + MAX_TEMPERATURE + "; to always take the most likely token use greedy()");
        }
        SamplingParameterException.requireAboveUpTo("temperature", temperature, 0, MAX_TEMPERATURE);
        SamplingParameterException.requireWithin("topK", topK, 0, Integer.MAX_VALUE);
        SamplingParameterException.requireAboveUpTo("topP", topP, 0, 1);
        SamplingParameterException.requireWithin("minP", minP, 0.0, 1.0);
        SamplingParameterException.requireAboveUpTo("typicalP", typicalP, 0, 1);
        SamplingParameterException.requireAboveUpTo("repetitionPenalty", repetitionPenalty, 0, MAX_REPETITION_PENALTY);
        SamplingParameterException.requireWithin("repetitionWindow", repetitionWindow, 1, Integer.MAX_VALUE);
        SamplingParameterException.requireWithin(
                "frequencyPenalty", frequencyPenalty, -MAX_ADDITIVE_PENALTY, MAX_ADDITIVE_PENALTY);
        SamplingParameterException.requireWithin(
                "presencePenalty", presencePenalty, -MAX_ADDITIVE_PENALTY, MAX_ADDITIVE_PENALTY);
        logprobs.ifPresent(top -> SamplingParameterException.requireWithin("logprobs", top, 0, MAX_LOGPROBS));
        logitBias = checkedBias(logitBias);
    }

    private static SortedMap<Integer, Double> checkedBias(Map<Integer, Double> logitBias) {
        SortedMap<Integer, Double> copy = new TreeMap<>(logitBias);
        copy.forEach((token, bias) -> {
            String name = "logitBias[" + token + "]";
            if (token < 0) {
                throw new SamplingParameterException(name, bias, "allowed token ids: 0 or more");
            }
            if (Double.isNaN(bias) || bias == Double.POSITIVE_INFINITY) {
                throw new SamplingParameterException(name, bias, "allowed: any finite number, or -Infinity for a ban");
            }
        });
        return Collections.unmodifiableSortedMap(copy);
    }

    /** Draws from the model's distribution as it is. */
    public static SamplingParams defaults() {
        return builder().build();
    }

    /** Always the most likely token; the lowest id wins a tie. This is an argmax, not a draw at a low temperature. */
    public static SamplingParams greedy() {
        return builder().greedy().build();
    }

    /** A builder that starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that starts from these values. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** These parameters with a seed: the given one, or a chosen one where none was given. */
    public SamplingParams withChosenSeed() {
        return seed.isPresent() ? this : toBuilder().seed(CounterRandom.chooseSeed()).build();
    }

    /**
     * The parameters of one of several choices drawn for the same request: a seed of its own, derived from the
     * request's. Choice 0 keeps the request's seed. Without a seed every choice chooses its own.
     *
     * @param choice index of the choice, 0 or more
     */
    public SamplingParams forChoice(int choice) {
        return seed.isEmpty() ? this : toBuilder().seed(CounterRandom.seedOfChoice(seed.getAsLong(), choice)).build();
    }

    /** Whether a penalty of any kind is on. */
    boolean hasPenalties() {
        return repetitionPenalty != 1 || countsGeneratedTokens();
    }

    /** Whether the frequency or the presence penalty is on. */
    boolean countsGeneratedTokens() {
        return frequencyPenalty != 0 || presencePenalty != 0;
    }

    /** Collects parameters; {@link #build()} checks them. */
    public static final class Builder {
        private boolean greedy;
        private double temperature = 1;
        private int topK;
        private double topP = 1;
        private double minP;
        private double typicalP = 1;
        private double repetitionPenalty = 1;
        private int repetitionWindow = WHOLE_SEQUENCE;
        private double frequencyPenalty;
        private double presencePenalty;
        private final SortedMap<Integer, Double> logitBias = new TreeMap<>();
        private OptionalLong seed = OptionalLong.empty();
        private OptionalInt logprobs = OptionalInt.empty();

        private Builder() {}

        private Builder(SamplingParams start) {
            greedy = start.isGreedy;
            temperature = start.temperature;
            topK = start.topK;
            topP = start.topP;
            minP = start.minP;
            typicalP = start.typicalP;
            repetitionPenalty = start.repetitionPenalty;
            repetitionWindow = start.repetitionWindow;
            frequencyPenalty = start.frequencyPenalty;
            presencePenalty = start.presencePenalty;
            logitBias.putAll(start.logitBias);
            seed = start.seed;
            logprobs = start.logprobs;
        }

        /** Takes the most likely token at each position. */
        public Builder greedy() {
            greedy = true;
            return this;
        }

        /** Sets {@link SamplingParams#temperature()}. */
        public Builder temperature(double temperature) {
            this.temperature = temperature;
            return this;
        }

        /** Sets {@link SamplingParams#topK()}. */
        public Builder topK(int topK) {
            this.topK = topK;
            return this;
        }

        /** Sets {@link SamplingParams#topP()}. */
        public Builder topP(double topP) {
            this.topP = topP;
            return this;
        }

        /** Sets {@link SamplingParams#minP()}. */
        public Builder minP(double minP) {
            this.minP = minP;
            return this;
        }

        /** Sets {@link SamplingParams#typicalP()}. */
        public Builder typicalP(double typicalP) {
            this.typicalP = typicalP;
            return this;
        }

        /** Sets {@link SamplingParams#repetitionPenalty()}. */
        public Builder repetitionPenalty(double repetitionPenalty) {
            this.repetitionPenalty = repetitionPenalty;
            return this;
        }

        /** Sets {@link SamplingParams#repetitionWindow()}, in tokens. */
        public Builder repetitionWindow(int tokens) {
            this.repetitionWindow = tokens;
            return this;
        }

        /** Sets {@link SamplingParams#frequencyPenalty()}. */
        public Builder frequencyPenalty(double frequencyPenalty) {
            this.frequencyPenalty = frequencyPenalty;
            return this;
        }

        /** Sets {@link SamplingParams#presencePenalty()}. */
        public Builder presencePenalty(double presencePenalty) {
            this.presencePenalty = presencePenalty;
            return this;
        }

        /** Adds {@code bias} to the token's logit; the last bias given for a token holds. */
        public Builder logitBias(int token, double bias) {
            logitBias.put(token, bias);
            return this;
        }

        /** Never draws the token. */
        public Builder ban(int token) {
            return logitBias(token, Double.NEGATIVE_INFINITY);
        }

        /** Sets {@link SamplingParams#seed()}. */
        public Builder seed(long seed) {
            this.seed = OptionalLong.of(seed);
            return this;
        }

        /** Reports log-probabilities of the chosen token and of this many most likely ones. */
        public Builder logprobs(int top) {
            this.logprobs = OptionalInt.of(top);
            return this;
        }

        /**
         * Checks and freezes the parameters.
         *
         * @throws SamplingParameterException if a parameter is outside its range
         */
        public SamplingParams build() {
            return new SamplingParams(greedy, temperature, topK, topP, minP, typicalP, repetitionPenalty,
                    repetitionWindow, frequencyPenalty, presencePenalty, logitBias, seed, logprobs);
        }
    }
}
