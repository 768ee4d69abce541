package dev.pillion.model.template;

import dev.pillion.model.template.TemplateException.Kind;
import java.util.List;
import java.util.Map;

/** What one render has used so far of its {@link TemplateLimits}. */
final class Budget {
    /** Characters that count as one step when an operation reads or writes them in one pass. */
    private static final int CHARS_PER_STEP = 64;

    /** Steps for each part that a text is cut into: a part is an object, and steps bound how many there can be. */
    private static final int STEPS_PER_PART = 4;

    private final TemplateLimits limits;
    private long steps;
    private long totalText;
    private int depth;

    Budget(TemplateLimits limits) {
        this.limits = limits;
    }

    TemplateLimits limits() {
        return limits;
    }

    /** Enters a tree node, or a value inside a value. */
    void enter() {
        depth++;
        steps(1);
        if (depth > limits.depth()) {
            throw breach("nested deeper than " + limits.depth());
        }
    }

    void leave() {
        depth--;
    }

    void steps(long count) {
        steps += count;
        if (steps > limits.steps()) {
            throw breach("more than " + limits.steps() + " steps");
        }
    }

    /** Reading of a value in one pass by an operation whose cost grows with it. */
    void read(Object value) {
        switch (value) {
            case String text -> steps(text.length() / CHARS_PER_STEP);
            case SafeText safe -> steps(safe.text().length() / CHARS_PER_STEP);
            case List<?> list -> steps(list.size());
            case Tuple tuple -> steps(tuple.items().size());
            case Map<?, ?> map -> steps(map.size());
            default -> { }
        }
    }

    /** One more part cut from a text. */
    void part() {
        steps(STEPS_PER_PART);
    }

    /** A search for one text in another. */
    void search(String text, String part) {
        read(text);
        read(part);
    }

    /** A text or collection made by an operation. Returns it. */
    Object made(Object value) {
        switch (value) {
            case String text -> text(text.length(), text.length());
            case SafeText safe -> text(safe.text().length(), safe.text().length());
            default -> read(value);
        }
        return value;
    }

    /**
     * Text about to be written.
     *
     * @param added characters added now
     * @param length length the text then has
     */
    void text(long added, long length) {
        totalText += added;
        if (length > limits.textChars()) {
            throw breach("text longer than " + limits.textChars() + " characters");
        }
        if (totalText > limits.totalTextChars()) {
            throw breach("more than " + limits.totalTextChars() + " characters of text in total");
        }
    }

    private static Failure breach(String problem) {
        return new Failure(Kind.LIMIT, "over the limit: " + problem);
    }
}
