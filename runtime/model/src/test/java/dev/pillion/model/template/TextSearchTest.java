package dev.pillion.model.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The linear search against that of {@link String}, on texts of few letters, where partial matches abound. */
class TextSearchTest {
    private static final long SEED = Long.getLong("pillion.test.seed", 20250307);

    @Test
    void findsWhatStringFinds() {
        SplittableRandom random = new SplittableRandom(SEED);
        int found = 0;
        for (int i = 0; i < 20_000; i++) {
            String text = letters(random, random.nextInt(200), 1 + random.nextInt(2));
            int length = random.nextInt(40);
            String part = random.nextBoolean() && text.length() > length
                    ? text.substring(text.length() - length)
                    : letters(random, length, 2);
            int from = random.nextInt(text.length() + 1);
            String what = "seed " + SEED + ", search " + i + ": '" + part + "' in '" + text + "' at " + from;
            int first = text.indexOf(part, from);
            int last = from < part.length() ? -1 : text.lastIndexOf(part, from - part.length());
            assertThat(TextSearch.forwards(part).first(text, from)).as(what).isEqualTo(first);
            assertThat(TextSearch.backwards(part).last(text, from)).as(what).isEqualTo(last);
            found += first >= 0 && part.length() > 16 ? 1 : 0;
        }
        assertThat(found).as("long texts found").isGreaterThan(1000);
    }

    private static String letters(SplittableRandom random, int length, int letters) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(letters)));
        }
        return text.toString();
    }
}
