package dev.pillion.model.template;

/**
 * What one template may use. A breach ends in a {@link TemplateException} of kind {@code LIMIT} that names the limit.
 *
 * @param sourceChars length of the template itself
 * @param textChars length of any single text: the output, a string, a formatted value
 * @param totalTextChars sum of the lengths of all texts made during one render; bounds the memory that strings can hold
 * @param steps executed tree nodes plus elements touched by operations whose cost grows with their operands
 * @param depth nested tree nodes during a render (macro recursion included) and nested values when they are formatted
 * @param rangeElements elements of one {@code range()}
 */
public record TemplateLimits(
        int sourceChars, int textChars, long totalTextChars, long steps, int depth, int rangeElements) {

    /** Fits half of a stack of one MiB; real templates stay below 40. */
    private static final int MAX_DEPTH = 250;

    /** Far above what real templates use on conversations of a million tokens, far below what harms the process. */
    public static final TemplateLimits DEFAULT =
            new TemplateLimits(1 << 20, 16 << 20, 256L << 20, 20_000_000, MAX_DEPTH, 100_000);

    /** Checks that every limit is positive and that the depth fits a usual thread stack. */
    public TemplateLimits {
        if (sourceChars < 1 || textChars < 1 || totalTextChars < 1 || steps < 1 || rangeElements < 1) {
            throw new IllegalArgumentException("template limits must be positive");
        }
        if (depth < 1 || depth > MAX_DEPTH) {
            throw new IllegalArgumentException("template depth limit " + depth + " is outside 1.." + MAX_DEPTH);
        }
    }
}
