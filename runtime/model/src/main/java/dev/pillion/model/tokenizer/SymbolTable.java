package dev.pillion.model.tokenizer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * From a code point to the symbol that merging starts with: the token of that text where there is one, otherwise the
 * complement of the code point, which is negative.
 */
final class SymbolTable {
    private static final int PAGE_BITS = 8;
    private static final int PAGE_SIZE = 1 << PAGE_BITS;

    private final int @Nullable [][] pages = new int[(Character.MAX_CODE_POINT >> PAGE_BITS) + 1][];

    SymbolTable(Vocabulary vocabulary) {
        for (int id = 0; id < vocabulary.size(); id++) {
            String piece = vocabulary.piece(id);
            if (!piece.isEmpty() && piece.length() == Character.charCount(piece.codePointAt(0))
                    && vocabulary.textIdOf(piece) == id) {
                put(piece.codePointAt(0), id);
            }
        }
    }

    /** The symbol of a code point. */
    int symbol(int codePoint) {
        int[] page = pages[codePoint >> PAGE_BITS];
        int id = page == null ? Vocabulary.NONE : page[codePoint & PAGE_SIZE - 1];
        return id == Vocabulary.NONE ? ~codePoint : id;
    }

    private void put(int codePoint, int id) {
        int[] page = pages[codePoint >> PAGE_BITS];
        if (page == null) {
            page = new int[PAGE_SIZE];
            Arrays.fill(page, Vocabulary.NONE);
            pages[codePoint >> PAGE_BITS] = page;
        }
        page[codePoint & PAGE_SIZE - 1] = id;
    }
}
