package dev.pillion.model.tokenizer;

/** Collects rewritten pieces: append the text of a piece to {@link #text}, then call {@link #endPiece}. */
final class PieceBuilder {
    final StringBuilder text;
    private final boolean atInputStart;
    private final int[] ends;
    private int count;

    /** Prepares for as many pieces as there are before the rewriting, of about the same length. */
    PieceBuilder(Pieces before) {
        this.text = new StringBuilder(before.text().length() + before.text().length() / 8 + 16);
        this.atInputStart = before.atInputStart();
        this.ends = new int[before.count()];
    }

    /** Ends the current piece. */
    void endPiece() {
        ends[count++] = text.length();
    }

    Pieces build() {
        Pieces pieces = new Pieces(text.toString(), atInputStart, count);
        int start = 0;
        for (int i = 0; i < count; i++) {
            pieces.add(start, ends[i]);
            start = ends[i];
        }
        return pieces;
    }
}
