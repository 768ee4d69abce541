package dev.pillion.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StopMatcherTest {
    private static StopMatcher matcher(String... stops) {
        return new StopMatcher(StopConditions.builder().stopStrings(stops).build());
    }

    @Test
    void holdsBackWhatMayBecomeAStopString() {
        StopMatcher matcher = matcher("\nUser:");
        assertThat(matcher.append("Hello\nUs")).isEqualTo("Hello");
        assertThat(matcher.append("ually")).isEqualTo("\nUsually");
        assertThat(matcher.append("\n")).isEmpty();
        assertThat(matcher.append("\nUser")).isEqualTo("\n");
        assertThat(matcher.append(": what")).isEmpty();
        assertThat(matcher.stopped()).isTrue();
        assertThat(matcher.matched()).contains("\nUser:");
        assertThat(matcher.append("more")).isEmpty();
        assertThat(matcher.finish()).isEmpty();
    }

    @Test
    void theEndOfTheTextReleasesWhatWasHeld() {
        StopMatcher matcher = matcher("stop");
        assertThat(matcher.append("at the sto")).isEqualTo("at the ");
        assertThat(matcher.finish()).isEqualTo("sto");
        assertThat(matcher.stopped()).isFalse();
        assertThat(matcher.matched()).isEmpty();
        assertThatThrownBy(() -> matcher.append("p")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theMatchThatEndsFirstCountsAndOfThoseTheLongest() {
        StopMatcher inner = matcher("abcd", "bc");
        assertThat(inner.append("xabcd")).isEqualTo("xa");
        assertThat(inner.matched()).contains("bc");
        StopMatcher longest = matcher("c", "abc", "bc");
        assertThat(longest.append("xabc")).isEqualTo("x");
        assertThat(longest.matched()).contains("abc");
    }

    @Test
    void theStopStringIsKeptWhereAsked() {
        StopMatcher matcher =
                new StopMatcher(StopConditions.builder().stopStrings("END").includeStopString(true).build());
        assertThat(matcher.append("the E")).isEqualTo("the ");
        assertThat(matcher.append("ND and more")).isEqualTo("END");
        assertThat(matcher.stopped()).isTrue();
    }

    @Test
    void unmatchedPiecesPassAndBreakAMatch() {
        StopMatcher matcher = matcher("END");
        assertThat(matcher.appendUnmatched("END")).isEqualTo("END");
        assertThat(matcher.append("E")).isEmpty();
        assertThat(matcher.appendUnmatched("N")).isEqualTo("EN");
        assertThat(matcher.append("D")).isEqualTo("D");
        assertThat(matcher.append("END")).isEmpty();
        assertThat(matcher.appendUnmatched("END")).isEmpty();
    }

    @Test
    void withoutStopStringsEverythingPasses() {
        StopMatcher matcher = matcher();
        assertThat(matcher.append("all of it")).isEqualTo("all of it");
        assertThat(matcher.append("")).isEmpty();
    }

    @Test
    void charactersOutsideTheBasicPlaneStayWhole() {
        StopMatcher matcher = matcher("\uD83D\uDE00!");
        assertThat(matcher.append("a\uD83D\uDE01")).isEqualTo("a\uD83D\uDE01");
        assertThat(matcher.append("\uD83D\uDE00")).isEmpty();
        assertThat(matcher.append("?")).isEqualTo("\uD83D\uDE00?");
    }

    /** Text and stop strings over a few letters, so that prefixes, overlaps and matches abound. */
    @Test
    void anySplitOfTheTextGivesTheSameAnswer() {
        int stopped = 0;
        for (int n = 0; n < 4000; n++) {
            SplittableRandom random = TestSeed.random(n);
            int letters = 2 + random.nextInt(2);
            List<String> stops = new ArrayList<>();
            for (int s = random.nextInt(4); s >= 0; s--) {
                stops.add(letters(random, letters, 1 + random.nextInt(7)));
            }
            boolean include = random.nextInt(4) == 0;
            String text = letters(random, letters, random.nextInt(60));
            Expected expected = expected(text, stops, include);
            stopped += expected.matched().isPresent() ? 1 : 0;
            String what = TestSeed.describe(n) + ", text " + text + ", stops " + stops;

            StopMatcher matcher = new StopMatcher(
                    StopConditions.builder().stopStrings(stops).includeStopString(include).build());
            StringBuilder answer = new StringBuilder();
            int from = 0;
            while (from < text.length()) {
                int to = Math.min(text.length(), from + random.nextInt(1 + random.nextInt(12)));
                answer.append(matcher.append(text.substring(from, to)));
                from = to;
                assertThat(expected.answer()).as(what).startsWith(answer);
                if (!matcher.stopped()) {
                    assertThat(text.length() - answer.length() - (text.length() - from))
                            .as("held, " + what).isEqualTo(undecided(text.substring(0, from), stops));
                }
            }
            answer.append(matcher.finish());
            assertThat(answer.toString()).as(what).isEqualTo(expected.answer());
            assertThat(matcher.matched()).as(what).isEqualTo(expected.matched());
        }
        assertThat(stopped).isBetween(1000, 3900);
    }

    private record Expected(String answer, Optional<String> matched) {}

    /** By the definition: the first end of a stop string, there the longest one. */
    private static Expected expected(String text, List<String> stops, boolean include) {
        for (int end = 1; end <= text.length(); end++) {
            String head = text.substring(0, end);
            Optional<String> longest = stops.stream().filter(head::endsWith)
                    .reduce((a, b) -> b.length() > a.length() ? b : a);
            if (longest.isPresent()) {
                String answer = include ? head : head.substring(0, end - longest.get().length());
                return new Expected(answer, longest);
            }
        }
        return new Expected(text, Optional.empty());
    }

    /** Length of the longest end of the text that begins a stop string. */
    private static int undecided(String text, List<String> stops) {
        for (int begin = 0; begin < text.length(); begin++) {
            String tail = text.substring(begin);
            if (stops.stream().anyMatch(stop -> stop.startsWith(tail))) {
                return tail.length();
            }
        }
        return 0;
    }

    private static String letters(SplittableRandom random, int letters, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(letters)));
        }
        return text.toString();
    }
}
