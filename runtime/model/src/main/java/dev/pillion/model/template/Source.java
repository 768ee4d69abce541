package dev.pillion.model.template;

/**
 * The text of a template as Jinja reads it: every line ends in a line feed, and one at the very end is dropped.
 *
 * @param text the normalised text; offsets in tokens and tree nodes point into it
 */
record Source(String text) {
    static Source of(String raw) {
        String text = raw.replace("\r\n", "\n").replace('\r', '\n');
        return new Source(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text);
    }

    TemplateException error(TemplateException.Kind kind, int offset, String problem) {
        int line = 1;
        int lineStart = 0;
        for (int i = 0; i < Math.min(offset, text.length()); i++) {
            if (text.charAt(i) == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
        return new TemplateException(kind, line, offset - lineStart + 1, problem);
    }

    TemplateException error(int offset, Failure failure) {
        return error(failure.kind, offset, failure.problem());
    }
}
