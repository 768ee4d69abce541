package dev.pillion.model.template;

/** A fault without its place; the tree node being evaluated turns it into a {@link TemplateException}. */
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final TemplateException.Kind kind;

    Failure(String problem) {
        this(TemplateException.Kind.EVALUATION, problem);
    }

    Failure(TemplateException.Kind kind, String problem) {
        super(problem, null, false, false);
        this.kind = kind;
    }

    String problem() {
        return String.valueOf(getMessage());
    }
}
