package dev.pillion.model.tokenizer;

import java.util.Arrays;

/**
 * Merges the symbols of a piece, pair by pair, the pair with the lowest priority first and the leftmost of equals.
 *
 * <p>The symbols form a linked list, and every pair that can merge stands in a binary heap under (priority, position).
 * An entry is not removed when its pair is changed by a neighbour's merge; instead it is checked when it comes up: it
 * is still good if the pair at that position has that priority. A piece of n symbols sees at most n - 1 merges and 3 n
 * entries, so the work is O(n log n) for any text. One object serves one thread; its arrays are reused from piece to
 * piece.
 */
final class Merger {
    private static final int END = -1;

    /** A symbol that has become part of the one before it. No code point has this complement. */
    private static final int MERGED = Integer.MIN_VALUE;

    private final MergeTable table;
    private int[] symbols = new int[64];
    private int[] next = new int[64];
    private int[] previous = new int[64];
    private int count;
    private long[] heap = new long[128];
    private int heapSize;
    private long merges;

    Merger(MergeTable table) {
        this.table = table;
    }

    /** Merges the symbols of {@code text[start, end)}. The result is read by {@link #symbol} and {@link #after}. */
    void merge(String text, int start, int end) {
        load(text, start, end);
        heapSize = 0;
        for (int position = 0; position + 1 < count; position++) {
            push(position, position + 1);
        }
        while (heapSize > 0) {
            long entry = pop();
            int position = (int) entry;
            int right = symbols[position] == MERGED ? END : next[position];
            if (right == END) {
                continue;
            }
            long pair = table.merge(symbols[position], symbols[right]);
            if (pair != LongTable.ABSENT && pair >>> 32 == entry >>> 32) {
                join(position, right, (int) pair);
            }
        }
    }

    /** The position of the first symbol left, or -1. */
    int first() {
        return count == 0 ? END : 0;
    }

    /** The position of the symbol after another, or -1. */
    int after(int position) {
        return next[position];
    }

    /** The symbol at a position. */
    int symbol(int position) {
        return symbols[position];
    }

    /** How many merges were done since the beginning. */
    long merges() {
        return merges;
    }

    private void load(String text, int start, int end) {
        if (end - start > symbols.length) {
            int capacity = Math.max(end - start, 2 * symbols.length);
            symbols = new int[capacity];
            next = new int[capacity];
            previous = new int[capacity];
        }
        count = 0;
        int at = start;
        while (at < end) {
            int codePoint = text.codePointAt(at);
            symbols[count] = table.firstSymbol(codePoint);
            previous[count] = count - 1;
            next[count] = count + 1;
            count++;
            at += Character.charCount(codePoint);
        }
        if (count > 0) {
            next[count - 1] = END;
        }
    }

    private void join(int left, int right, int merged) {
        symbols[left] = merged;
        symbols[right] = MERGED;
        next[left] = next[right];
        if (next[left] != END) {
            previous[next[left]] = left;
            push(left, next[left]);
        }
        if (previous[left] != END) {
            push(previous[left], left);
        }
        merges++;
    }

    private void push(int left, int right) {
        long pair = table.merge(symbols[left], symbols[right]);
        if (pair == LongTable.ABSENT) {
            return;
        }
        if (heapSize == heap.length) {
            heap = Arrays.copyOf(heap, 2 * heapSize);
        }
        long entry = pair & 0xFFFF_FFFF_0000_0000L | left;
        int child = heapSize++;
        while (child > 0) {
            int parent = child - 1 >>> 1;
            if (heap[parent] <= entry) {
                break;
            }
            heap[child] = heap[parent];
            child = parent;
        }
        heap[child] = entry;
    }

    private long pop() {
        long top = heap[0];
        long last = heap[--heapSize];
        int parent = 0;
        int child = 1;
        while (child < heapSize) {
            if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
                child++;
            }
            if (last <= heap[child]) {
                break;
            }
            heap[parent] = heap[child];
            parent = child;
            child = 2 * parent + 1;
        }
        heap[parent] = last;
        return top;
    }
}
