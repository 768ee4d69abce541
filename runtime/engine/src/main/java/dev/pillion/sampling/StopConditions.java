package dev.pillion.sampling;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What ends a generation. The sampler needs {@link #minTokens()} and the tokens that end, {@link StopMatcher} needs the
 * strings, the engine counts to {@link #maxTokens()}.
 *
 * @param stopStrings texts that end the generation when they appear in it; at most {@value #MAX_STOP_STRINGS}, each of
 *     1 to {@value #MAX_STOP_STRING_CHARS} chars
 * @param includeStopString whether the stop string that was found is part of the answer
 * @param stopTokenIds tokens that end the generation besides the model's own end tokens
 * @param minTokens how many tokens are generated before anything but {@code maxTokens} may end the generation; 0 or
 *     more
 * @param maxTokens after how many generated tokens the generation ends; 1 or more; {@link #UNLIMITED} leaves it to the
 *     context length
 * @param ignoreEos whether the model's own end tokens are drawn and kept like any other token
 */
public record StopConditions(
        List<String> stopStrings,
        boolean includeStopString,
        Set<Integer> stopTokenIds,
        int minTokens,
        int maxTokens,
        boolean ignoreEos) {

    /** The most stop strings of a request. */
    public static final int MAX_STOP_STRINGS = 32;
    /** The longest stop string; a matcher may hold back this much text. */
    public static final int MAX_STOP_STRING_CHARS = 1024;
    /** A {@link #maxTokens} that leaves the end to the context length. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    /**
     * Checks every range and copies the collections.
     *
     * @throws SamplingParameterException if a condition is outside its range
     */
    public StopConditions {
        stopStrings = List.copyOf(stopStrings);
        stopTokenIds = Set.copyOf(stopTokenIds);
        SamplingParameterException.requireWithin("maxTokens", maxTokens, 1, Integer.MAX_VALUE);
        SamplingParameterException.requireWithin("minTokens", minTokens, 0, maxTokens);
        if (stopStrings.size() > MAX_STOP_STRINGS) {
            throw new SamplingParameterException(
                    "stopStrings", stopStrings.size() + " strings", "allowed: at most " + MAX_STOP_STRINGS);
        }
        for (int i = 0; i < stopStrings.size(); i++) {
            requireUsable("stopStrings[" + i + "]", stopStrings.get(i));
        }
        for (int token : stopTokenIds) {
            SamplingParameterException.requireWithin("stopTokenIds", token, 0, Integer.MAX_VALUE);
        }
    }

    private static void requireUsable(String name, String stopString) {
        if (stopString.isEmpty() || stopString.length() > MAX_STOP_STRING_CHARS) {
            throw new SamplingParameterException(
                    name, stopString.length() + " chars long", "allowed: 1 to " + MAX_STOP_STRING_CHARS);
        }
        // Half a character would let a match cut a surrogate pair of the answer in two.
        if (stopString.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE)) {
            throw new SamplingParameterException(name, "not valid Unicode", "remove the unpaired surrogate");
        }
    }

    /** Ends at the model's own end tokens or where the context is full. */
    public static StopConditions defaults() {
        return builder().build();
    }

    /** A builder that starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that starts from these conditions. */
    public Builder toBuilder() {
        return new Builder()
                .stopStrings(stopStrings)
                .includeStopString(includeStopString)
                .stopTokenIds(stopTokenIds)
                .minTokens(minTokens)
                .maxTokens(maxTokens)
                .ignoreEos(ignoreEos);
    }

    /**
     * The tokens that end a generation: the stop tokens and, unless they are ignored, the model's own end tokens.
     *
     * @param modelEndTokens the model's own end tokens, such as end of text and end of turn
     * @return token ids, ascending, each once
     */
    public int[] endingTokens(Set<Integer> modelEndTokens) {
        Set<Integer> ending = new TreeSet<>(stopTokenIds);
        if (!ignoreEos) {
            ending.addAll(modelEndTokens);
        }
        return ending.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Collects conditions; {@link #build()} checks them. */
    public static final class Builder {
        private List<String> stopStrings = List.of();
        private boolean includeStopString;
        private Set<Integer> stopTokenIds = Set.of();
        private int minTokens;
        private int maxTokens = UNLIMITED;
        private boolean ignoreEos;

        private Builder() {}

        /** Sets {@link StopConditions#stopStrings()}. */
        public Builder stopStrings(List<String> stopStrings) {
            this.stopStrings = List.copyOf(stopStrings);
            return this;
        }

        /** Sets {@link StopConditions#stopStrings()}. */
        public Builder stopStrings(String... stopStrings) {
            return stopStrings(List.of(stopStrings));
        }

        /** Sets {@link StopConditions#includeStopString()}. */
        public Builder includeStopString(boolean includeStopString) {
            this.includeStopString = includeStopString;
            return this;
        }

        /** Sets {@link StopConditions#stopTokenIds()}. */
        public Builder stopTokenIds(Set<Integer> stopTokenIds) {
            this.stopTokenIds = Set.copyOf(stopTokenIds);
            return this;
        }

        /** Sets {@link StopConditions#minTokens()}. */
        public Builder minTokens(int minTokens) {
            this.minTokens = minTokens;
            return this;
        }

        /** Sets {@link StopConditions#maxTokens()}. */
        public Builder maxTokens(int maxTokens) {
            this.maxTokens = maxTokens;
            return this;
        }

        /** Sets {@link StopConditions#ignoreEos()}. */
        public Builder ignoreEos(boolean ignoreEos) {
            this.ignoreEos = ignoreEos;
            return this;
        }

        /**
         * Checks and freezes the conditions.
         *
         * @throws SamplingParameterException if a condition is outside its range
         */
        public StopConditions build() {
            return new StopConditions(
                    stopStrings, includeStopString, stopTokenIds, minTokens, maxTokens, ignoreEos);
        }
    }
}
