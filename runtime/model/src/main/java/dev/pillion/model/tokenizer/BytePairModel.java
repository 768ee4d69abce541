package dev.pillion.model.tokenizer;

import java.nio.charset.StandardCharsets;

/**
 * Turns pieces of text into tokens by merging.
 *
 * @param table the merges
 * @param wholePieces whether a piece that is a token becomes it without merging ({@code ignore_merges})
 * @param unknown what becomes of text that no token has
 */
record BytePairModel(MergeTable table, boolean wholePieces, Unknown unknown) {
    /**
     * What becomes of a code point that is not in the vocabulary.
     *
     * @param byteTokens the tokens for its UTF-8 bytes, 256 or none
     * @param id the token to use where there are no byte tokens, or {@link Vocabulary#NONE} to leave the text out
     * @param fused whether neighbouring unknown code points become one token
     */
    record Unknown(int[] byteTokens, int id, boolean fused) {}

    /** Appends the tokens of pieces. */
    void encode(Pieces pieces, Merger merger, IntList out) {
        String text = pieces.text();
        for (int i = 0; i < pieces.count(); i++) {
            int start = pieces.start(i);
            int end = pieces.end(i);
            if (wholePieces && end - start <= Vocabulary.LONGEST_PIECE) {
                int id = table.vocabulary().textIdOf(text.substring(start, end));
                if (id != Vocabulary.NONE) {
                    out.add(id);
                    continue;
                }
            }
            merger.merge(text, start, end);
            emit(merger, out);
        }
    }

    private void emit(Merger merger, IntList out) {
        boolean afterUnknown = false;
        for (int position = merger.first(); position >= 0; position = merger.after(position)) {
            int symbol = merger.symbol(position);
            if (symbol >= 0) {
                out.add(symbol);
                afterUnknown = false;
            } else if (unknown.byteTokens.length > 0) {
                emitBytes(~symbol, out);
                afterUnknown = false;
            } else if (unknown.id != Vocabulary.NONE) {
                if (!afterUnknown || !unknown.fused) {
                    out.add(unknown.id);
                }
                afterUnknown = true;
            }
        }
    }

    private void emitBytes(int codePoint, IntList out) {
        byte[] utf8 = Character.toString(codePoint).getBytes(StandardCharsets.UTF_8);
        for (byte value : utf8) {
            out.add(unknown.byteTokens[value & 0xFF]);
        }
    }
}
