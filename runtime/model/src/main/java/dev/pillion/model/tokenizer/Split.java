package dev.pillion.model.tokenizer;

/**
 * Cuts pieces at the matches of a scanner.
 *
 * @param scanner the expression
 * @param behavior what becomes of a match
 * @param inverted whether matches and the text between them change roles
 */
record Split(Scanner scanner, Behavior behavior, boolean inverted) implements PreTokenizer {
    /** What becomes of a match, in the terms of tokenizer.json. */
    enum Behavior {
        /** A match is a piece. */
        ISOLATED,
        /** A match is left out. */
        REMOVED,
        /** Matches that touch are one piece. */
        CONTIGUOUS,
        /** A match is the end of the piece before it. */
        MERGED_WITH_PREVIOUS,
        /** A match is the beginning of the piece after it. */
        MERGED_WITH_NEXT
    }

    /** The common case: matches and what lies between them are pieces. */
    static Split at(Scanner scanner) {
        return new Split(scanner, Behavior.ISOLATED, false);
    }

    @Override
    public Pieces apply(Pieces pieces) {
        Joiner joiner = new Joiner(new Pieces(pieces.text(), pieces.atInputStart(), 2 * pieces.count()));
        for (int i = 0; i < pieces.count(); i++) {
            joiner.startPiece();
            split(pieces.text(), pieces.start(i), pieces.end(i), joiner);
        }
        return joiner.out;
    }

    private void split(String text, int start, int end, Joiner joiner) {
        int done = start;
        int at = start;
        while (at < end) {
            int matchEnd = scanner.match(text, at, end);
            if (matchEnd < 0) {
                at = ~matchEnd;
                continue;
            }
            if (done < at) {
                joiner.range(done, at, inverted);
            }
            joiner.range(at, matchEnd, !inverted);
            at = matchEnd;
            done = matchEnd;
        }
        if (done < end) {
            joiner.range(done, end, inverted);
        }
    }

    /** Joins the ranges of one piece as the behavior says. */
    private final class Joiner {
        private final Pieces out;
        private boolean afterMatch;
        private int outAtStart;

        private Joiner(Pieces out) {
            this.out = out;
        }

        private void startPiece() {
            afterMatch = false;
            outAtStart = out.count();
        }

        private void range(int start, int end, boolean isMatch) {
            boolean joins = out.count() > outAtStart && switch (behavior) {
                case ISOLATED, REMOVED -> false;
                case CONTIGUOUS -> isMatch == afterMatch;
                case MERGED_WITH_PREVIOUS -> isMatch && !afterMatch;
                case MERGED_WITH_NEXT -> !isMatch && afterMatch;
            };
            if (joins) {
                out.extendLast(end);
            } else if (behavior != Behavior.REMOVED || !isMatch) {
                out.add(start, end);
            }
            afterMatch = isMatch;
        }
    }
}
