package dev.pillion.model.tokenizer;

import java.util.function.IntPredicate;

/**
 * A run of code points of one class, {@code [class]{least,most}}, with or without one white-space character before it
 * ({@code \s?}).
 *
 * @param spaceBefore whether one white-space character before the run belongs to the match
 * @param member the class
 * @param least how many code points a run has at least
 * @param most how many code points are taken at most
 */
record RunScanner(boolean spaceBefore, IntPredicate member, int least, int most) implements Scanner {
    /** {@code [class]}. */
    static RunScanner one(IntPredicate member) {
        return new RunScanner(false, member, 1, 1);
    }

    /** {@code [class]+}. */
    static RunScanner many(IntPredicate member) {
        return new RunScanner(false, member, 1, Integer.MAX_VALUE);
    }

    /** {@code \s?[class]+}. */
    static RunScanner manyAfterSpace(IntPredicate member) {
        return new RunScanner(true, member, 1, Integer.MAX_VALUE);
    }

    /** The class {@code \p{...}} of one or several bits of {@link CharacterClass}. */
    static IntPredicate of(int classes) {
        return codePoint -> CharacterClass.is(codePoint, classes);
    }

    @Override
    public int match(String text, int at, int end) {
        int first = text.codePointAt(at);
        int next = at + Character.charCount(first);
        if (spaceBefore && CharacterClass.is(first, CharacterClass.SPACE)) {
            int runEnd = run(text, next, end);
            if (runEnd > next) {
                return runEnd;
            }
        }
        int runEnd = run(text, at, end);
        return runEnd > at ? runEnd : ~next;
    }

    private int run(String text, int at, int end) {
        int position = at;
        int count = 0;
        while (count < most && position < end) {
            int codePoint = text.codePointAt(position);
            if (!member.test(codePoint)) {
                break;
            }
            position += Character.charCount(codePoint);
            count++;
        }
        return count >= least ? position : at;
    }
}
