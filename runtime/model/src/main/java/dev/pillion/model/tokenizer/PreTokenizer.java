package dev.pillion.model.tokenizer;

import java.util.List;

/** Cuts pieces of text into smaller ones that merges never cross; some rewrite the text as well. */
@FunctionalInterface
interface PreTokenizer {
    /** Applies the step to every piece. */
    Pieces apply(Pieces pieces);

    /** Applies several steps, each to what the one before left. */
    static PreTokenizer sequence(List<PreTokenizer> steps) {
        List<PreTokenizer> fixed = List.copyOf(steps);
        return pieces -> {
            Pieces current = pieces;
            for (PreTokenizer step : fixed) {
                current = step.apply(current);
            }
            return current;
        };
    }
}
