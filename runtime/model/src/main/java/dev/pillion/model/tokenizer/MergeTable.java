package dev.pillion.model.tokenizer;

import dev.pillion.model.ModelFormatException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Which two neighbouring symbols may become one, and which pair comes first.
 *
 * <p>Vocabularies say this in two ways, and both become this table. Byte-pair files list the pairs in order.
 * SentencePiece and tiktoken files only rank the tokens, and any two symbols whose texts together are a token may
 * merge, the best token first: then every way of cutting a token into two tokens is a pair with the token's priority.
 */
final class MergeTable {
    /** Nine times what the largest known vocabulary has; a bound on what a file can make a loader allocate. */
    static final int MOST_PAIRS = 1 << 22;

    private static final int ABSENT_SYMBOL = Integer.MIN_VALUE;

    private final LongTable pairs = new LongTable();
    private final Vocabulary vocabulary;
    private final SymbolTable symbols;
    private final Path file;
    private final String subject;

    private MergeTable(Vocabulary vocabulary, Path file, String subject) {
        this.vocabulary = vocabulary;
        this.symbols = new SymbolTable(vocabulary);
        this.file = file;
        this.subject = subject;
    }

    /**
     * Reads a list of pairs, the one to merge first coming first.
     *
     * @param vocabulary the tokens, among which both parts and their union must be
     * @param left the left parts
     * @param right the right parts, as many
     * @param file named in exceptions
     * @param subject the part of the file that lists the pairs
     */
    static MergeTable ofPairs(Vocabulary vocabulary, List<String> left, List<String> right, Path file, String subject) {
        MergeTable table = new MergeTable(vocabulary, file, subject);
        for (int rank = 0; rank < left.size(); rank++) {
            String merged = left.get(rank) + right.get(rank);
            int leftId = vocabulary.idOf(left.get(rank));
            int rightId = vocabulary.idOf(right.get(rank));
            int mergedId = vocabulary.idOf(merged);
            if (leftId == Vocabulary.NONE || rightId == Vocabulary.NONE || mergedId == Vocabulary.NONE) {
                throw new ModelFormatException(file, subject, "merge " + rank + " ('" + left.get(rank) + "' and '"
                        + right.get(rank) + "') speaks of text that is no token");
            }
            if (!Vocabulary.isMarkup(vocabulary.kind(mergedId))) {
                table.add(leftId, rightId, rank, mergedId);
            }
        }
        return table;
    }

    /**
     * Derives the pairs from a ranking of the tokens.
     *
     * @param vocabulary the tokens
     * @param priority of every token; the lowest merges first, equal ones from left to right
     * @param file named in exceptions
     * @param subject the part of the file that ranks the tokens
     */
    static MergeTable ofRanking(Vocabulary vocabulary, int[] priority, Path file, String subject) {
        MergeTable table = new MergeTable(vocabulary, file, subject);
        for (int id = 0; id < vocabulary.size(); id++) {
            String piece = vocabulary.piece(id);
            if (vocabulary.textIdOf(piece) != id) {
                continue;
            }
            for (int cut = 1; cut < piece.length(); cut++) {
                if (Character.isLowSurrogate(piece.charAt(cut))) {
                    continue;
                }
                int left = table.symbolOf(piece.substring(0, cut));
                int right = left == ABSENT_SYMBOL ? ABSENT_SYMBOL : table.symbolOf(piece.substring(cut));
                if (right != ABSENT_SYMBOL) {
                    table.add(left, right, priority[id], id);
                }
            }
        }
        return table;
    }

    /** Priorities that order tokens by descending score. */
    static int[] priorities(float[] scores) {
        float[] sorted = new float[scores.length];
        for (int id = 0; id < scores.length; id++) {
            sorted[id] = positiveZero(scores[id]);
        }
        Arrays.sort(sorted);
        int[] priority = new int[scores.length];
        for (int id = 0; id < scores.length; id++) {
            priority[id] = scores.length - 1 - lastIndexOf(sorted, positiveZero(scores[id]));
        }
        return priority;
    }

    /** The best token of a SentencePiece file has the score -0.0, which equals 0.0 there but not in Java's ordering. */
    private static float positiveZero(float score) {
        return score == 0 ? 0 : score;
    }

    private static int lastIndexOf(float[] sorted, float score) {
        int low = 0;
        int high = sorted.length - 1;
        while (low < high) {
            int middle = low + high + 1 >>> 1;
            if (Float.compare(sorted[middle], score) <= 0) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** The symbol that merging starts with at a code point. */
    int firstSymbol(int codePoint) {
        return symbols.symbol(codePoint);
    }

    /**
     * What two neighbouring symbols become.
     *
     * @return the priority in the upper half and the token in the lower half, or {@link LongTable#ABSENT}
     */
    long merge(int left, int right) {
        return pairs.get(left, right);
    }

    Vocabulary vocabulary() {
        return vocabulary;
    }

    /** A token, or a single code point even where it is no token: longer text gets there only by merging. */
    private int symbolOf(String text) {
        int codePoint = text.codePointAt(0);
        if (text.length() == Character.charCount(codePoint)) {
            return symbols.symbol(codePoint);
        }
        int id = vocabulary.textIdOf(text);
        return id == Vocabulary.NONE ? ABSENT_SYMBOL : id;
    }

    private void add(int left, int right, int priority, int merged) {
        if (pairs.size() >= MOST_PAIRS) {
            throw new ModelFormatException(file, subject, "gives more than " + MOST_PAIRS + " merges");
        }
        pairs.putIfAbsent(left, right, (long) priority << 32 | merged);
    }
}
