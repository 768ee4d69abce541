package dev.pillion.sampling;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Finds stop strings in streamed text and says which text is safe to show. Text that may be the beginning of a stop
 * string is held back until it is decided; nothing after a match is ever given out.
 *
 * <p>The match that ends first counts; of those that end at the same char, the one that begins first. This is a
 * property of the text alone, so the answer does not depend on how the text was cut into pieces.
 *
 * <p>Method: one Knuth-Morris-Pratt automaton per stop string, all advanced by each char. An automaton's state is the
 * length of the longest end of the text that begins its stop string, so the largest state is exactly what must be held.
 */
public final class StopMatcher {
    private final List<String> stopStrings;
    private final boolean includeStopString;
    /** Per stop string and length matched: the next shorter length that still matches. */
    private final int[][] fallbacks;
    private final int[] matchedChars;
    /** Text not given out yet; its end is what the automata have matched. */
    private final StringBuilder held = new StringBuilder();
    private int found = -1;
    private boolean finished;

    /** A matcher at the beginning of a generation's text. */
    public StopMatcher(StopConditions conditions) {
        stopStrings = conditions.stopStrings();
        includeStopString = conditions.includeStopString();
        fallbacks = stopStrings.stream().map(StopMatcher::fallbacks).toArray(int[][]::new);
        matchedChars = new int[stopStrings.size()];
    }

    private static int[] fallbacks(String stopString) {
        int[] fallback = new int[stopString.length() + 1];
        int matched = 0;
        for (int i = 1; i < stopString.length(); i++) {
            while (matched > 0 && stopString.charAt(matched) != stopString.charAt(i)) {
                matched = fallback[matched];
            }
            if (stopString.charAt(matched) == stopString.charAt(i)) {
                matched++;
            }
            fallback[i + 1] = matched;
        }
        return fallback;
    }

    /**
     * Takes the next piece of text.
     *
     * @return the text that is now safe to show; after a match always empty
     * @throws IllegalStateException after {@link #finish()}
     */
    public String append(String piece) {
        requireUnfinished();
        for (int i = 0; i < piece.length() && found < 0; i++) {
            held.append(piece.charAt(i));
            advance(piece.charAt(i));
        }
        return found < 0 ? takeFirst(held.length() - longestMatched()) : takeAnswer();
    }

    /** After a match: the rest of the answer; nothing stays held. */
    private String takeAnswer() {
        if (!includeStopString && !held.isEmpty()) {
            held.setLength(held.length() - stopStrings.get(found).length());
        }
        return takeFirst(held.length());
    }

    /**
     * Takes a piece in which no stop string is looked for, as before {@link StopConditions#minTokens()} is reached. A
     * match neither lies in this piece nor reaches across it.
     *
     * @return the text held so far and the piece; after a match always empty
     * @throws IllegalStateException after {@link #finish()}
     */
    public String appendUnmatched(String piece) {
        requireUnfinished();
        if (found >= 0) {
            return "";
        }
        held.append(piece);
        Arrays.fill(matchedChars, 0);
        return takeFirst(held.length());
    }

    /**
     * Ends the text: what is still held cannot become a stop string any more.
     *
     * @return the rest of the text
     */
    public String finish() {
        finished = true;
        return takeFirst(held.length());
    }

    /** Whether a stop string was found; the generation is over. */
    public boolean stopped() {
        return found >= 0;
    }

    /** The stop string that was found. */
    public Optional<String> matched() {
        return found < 0 ? Optional.empty() : Optional.of(stopStrings.get(found));
    }

    private void requireUnfinished() {
        if (finished) {
            throw new IllegalStateException("the text has ended; make a new StopMatcher for another generation");
        }
    }

    /** Advances every automaton by one char; of those that complete, remembers the one that began first. */
    private void advance(char next) {
        for (int s = 0; s < fallbacks.length; s++) {
            String stopString = stopStrings.get(s);
            int matched = matchedChars[s];
            while (matched > 0 && stopString.charAt(matched) != next) {
                matched = fallbacks[s][matched];
            }
            matchedChars[s] = stopString.charAt(matched) == next ? matched + 1 : 0;
            boolean complete = matchedChars[s] == stopString.length();
            if (complete && (found < 0 || stopString.length() > stopStrings.get(found).length())) {
                found = s;
            }
        }
    }

    private int longestMatched() {
        int longest = 0;
        for (int matched : matchedChars) {
            longest = Math.max(longest, matched);
        }
        return longest;
    }

    private String takeFirst(int chars) {
        String text = held.substring(0, chars);
        held.delete(0, chars);
        return text;
    }
}
