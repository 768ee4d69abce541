package dev.pillion.model.template;

/** A chat template that cannot be parsed, cannot be rendered, or refuses the conversation it was given. */
public final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What went wrong, as far as a caller has to tell cases apart. */
    public enum Kind {
        /** The text is no template. */
        SYNTAX,
        /** The template did something with a value that the value does not allow. */
        EVALUATION,
        /** The template called {@code raise_exception}: it does not accept this conversation. */
        REFUSED,
        /** The template ran into one of the {@link TemplateLimits}. */
        LIMIT
    }

    private final Kind kind;
    private final int line;
    private final int column;

    /**
     * Creates an exception.
     *
     * @param kind the case
     * @param line line in the template, from 1
     * @param column column in that line, from 1
     * @param problem what is wrong
     */
    public TemplateException(Kind kind, int line, int column, String problem) {
        super("chat template line " + line + ", column " + column + ": " + problem);
        this.kind = kind;
        this.line = line;
        this.column = column;
    }

    /** Returns which case this is. */
    public Kind kind() {
        return kind;
    }

    /** Returns the line in the template, from 1. */
    public int line() {
        return line;
    }

    /** Returns the column in the line, from 1. */
    public int column() {
        return column;
    }
}
