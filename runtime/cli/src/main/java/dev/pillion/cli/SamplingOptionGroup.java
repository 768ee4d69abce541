package dev.pillion.cli;

import dev.pillion.sampling.SamplingParams;
import dev.pillion.sampling.StopConditions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how tokens are drawn and when to stop. */
final class SamplingOptionGroup {
    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "Divides the logits; 0 takes the most likely token. Without this and the filters "
                    + "below: 0; with a filter: 1.")
    private @Nullable Double temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "Draw from the K most likely tokens.")
    private @Nullable Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Draw from the most likely tokens that together reach probability P.")
    private @Nullable Double topP;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            description = "Draw from tokens at least P times as likely as the most likely one.")
    private @Nullable Double minP;

    @Option(
            names = "--typical-p",
            paramLabel = "P",
            description = "Draw from the most typical tokens that together reach P.")
    private @Nullable Double typicalP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "X",
            description = "Makes tokens seen before less likely; 1 is off.")
    private @Nullable Double repetitionPenalty;

    @Option(
            names = "--repetition-window",
            paramLabel = "N",
            description = "How many of the last tokens the repetition penalty sees (default: all).")
    private @Nullable Integer repetitionWindow;

    @Option(
            names = "--frequency-penalty",
            paramLabel = "X",
            description = "Taken off a token's logit per time it was generated.")
    private @Nullable Double frequencyPenalty;

    @Option(
            names = "--presence-penalty",
            paramLabel = "X",
            description = "Taken off a token's logit once it was generated.")
    private @Nullable Double presencePenalty;

    @Option(
            names = "--logit-bias",
            paramLabel = "ID=X",
            description = "Added to the logit of token ID; -Infinity bans it. May be given several times.")
    private Map<Integer, Double> logitBias = new LinkedHashMap<>();

    @Option(names = "--seed", paramLabel = "S", description = "Seed of the draws; the same seed gives the same text.")
    private @Nullable Long seed;

    @Option(
            names = "--stop",
            paramLabel = "TEXT",
            description = "Ends the answer where this text comes up. May be given several times.")
    private List<String> stop = new ArrayList<>();

    @Option(
            names = "--stop-token",
            paramLabel = "ID",
            description = "Ends the answer at this token. May be given several times.")
    private Set<Integer> stopTokens = new LinkedHashSet<>();

    @Option(names = "--min-tokens", paramLabel = "N", description = "Generate at least N tokens (default: 0).")
    private int minTokens;

    @Option(names = "--ignore-eos", description = "Go on where the model would end.")
    private boolean ignoreEos;

    /** How tokens are drawn: the most likely one, unless an option asks for draws. */
    SamplingParams sampling(@Nullable Integer logprobs) {
        SamplingParams.Builder params = SamplingParams.builder();
        if (isGreedy()) {
            params.greedy();
        } else if (temperature != null) {
            params.temperature(temperature);
        }
        ifGiven(topK, params::topK);
        ifGiven(topP, params::topP);
        ifGiven(minP, params::minP);
        ifGiven(typicalP, params::typicalP);
        ifGiven(repetitionPenalty, params::repetitionPenalty);
        ifGiven(repetitionWindow, params::repetitionWindow);
        ifGiven(frequencyPenalty, params::frequencyPenalty);
        ifGiven(presencePenalty, params::presencePenalty);
        ifGiven(seed, params::seed);
        ifGiven(logprobs, params::logprobs);
        logitBias.forEach(params::logitBias);
        return params.build();
    }

    /** When to stop. */
    StopConditions stop(int maxTokens) {
        return StopConditions.builder()
                .stopStrings(stop)
                .stopTokenIds(stopTokens)
                .minTokens(minTokens)
                .maxTokens(maxTokens)
                .ignoreEos(ignoreEos)
                .build();
    }

    private boolean isGreedy() {
        boolean filtered = topK != null || topP != null || minP != null || typicalP != null;
        return temperature == null ? !filtered : temperature == 0;
    }

    private static <T> void ifGiven(@Nullable T value, Consumer<T> setter) {
        if (value != null) {
            setter.accept(value);
        }
    }
}
