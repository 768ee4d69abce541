package dev.pillion.model.tokenizer;

import java.util.Arrays;

/**
 * A text and the pieces it is cut into, in ascending order and without overlap. What lies between two pieces is not
 * part of the result.
 */
final class Pieces {
    private final String text;
    private final boolean atInputStart;
    private int[] bounds;
    private int count;

    /**
     * Starts an empty list of pieces.
     *
     * @param text what the pieces are parts of
     * @param atInputStart whether the text is the beginning of the whole input, not what follows a special token
     * @param expected how many pieces to make room for
     */
    Pieces(String text, boolean atInputStart, int expected) {
        this.text = text;
        this.atInputStart = atInputStart;
        this.bounds = new int[2 * Math.max(expected, 8)];
    }

    /** The text as one piece, or as none if it is empty. */
    static Pieces whole(String text, boolean atInputStart) {
        Pieces pieces = new Pieces(text, atInputStart, 1);
        pieces.add(0, text.length());
        return pieces;
    }

    String text() {
        return text;
    }

    boolean atInputStart() {
        return atInputStart;
    }

    int count() {
        return count;
    }

    int start(int piece) {
        return bounds[2 * piece];
    }

    int end(int piece) {
        return bounds[2 * piece + 1];
    }

    /** Adds a piece; an empty one is left out. */
    void add(int start, int end) {
        if (start == end) {
            return;
        }
        if (2 * count == bounds.length) {
            bounds = Arrays.copyOf(bounds, Math.multiplyExact(bounds.length, 2));
        }
        bounds[2 * count] = start;
        bounds[2 * count + 1] = end;
        count++;
    }

    /** Moves the end of the last piece. */
    void extendLast(int end) {
        bounds[2 * count - 1] = end;
    }
}
