package dev.pillion.model.tokenizer;

/**
 * SentencePiece's way with spaces: they become a visible character (U+2581, "lower one eighth block"), and a text gets
 * one in front, so that a word is the same token wherever it stands.
 *
 * @param replacement what stands for a space
 * @param prefix when a piece gets a replacement in front
 * @param splitting whether the text is cut before every replacement
 */
record Metaspace(char replacement, Prefix prefix, boolean splitting) implements PreTokenizer {
    /** What SentencePiece writes for a space. */
    static final char SPACE = '\u2581';

    /** When a piece that does not begin with a replacement gets one in front. */
    enum Prefix {
        /** Always. */
        ALWAYS,
        /** At the beginning of the input, but not after a special token. */
        FIRST,
        /** Never. */
        NEVER
    }

    @Override
    public Pieces apply(Pieces pieces) {
        PieceBuilder builder = new PieceBuilder(pieces);
        for (int i = 0; i < pieces.count(); i++) {
            int start = builder.text.length();
            builder.text.append(pieces.text().substring(pieces.start(i), pieces.end(i)).replace(' ', replacement));
            boolean wanted = prefix == Prefix.ALWAYS || prefix == Prefix.FIRST && pieces.atInputStart()
                    && pieces.start(i) == 0;
            if (wanted && builder.text.charAt(start) != replacement) {
                builder.text.insert(start, replacement);
            }
            builder.endPiece();
        }
        Pieces rewritten = builder.build();
        return splitting ? splitter().apply(rewritten) : rewritten;
    }

    private Split splitter() {
        return new Split(RunScanner.one(codePoint -> codePoint == replacement), Split.Behavior.MERGED_WITH_NEXT, false);
    }
}
