package dev.pillion.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Standard output, for results, in UTF-8. Unlike a {@link java.io.PrintStream} it notices when the output fails, and
 * tells a reader that has gone away ({@code | head}), which is no fault, from a full disk, which is.
 */
final class ResultWriter extends Writer {
    /** Whoever reads the output has closed it. */
    static final class ReaderGoneException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ReaderGoneException(IOException cause) {
            super("the reader of standard output has gone away", cause);
        }
    }

    private final Writer out;

    ResultWriter(OutputStream out) {
        this.out = new OutputStreamWriter(out, StandardCharsets.UTF_8);
    }

    @Override
    public void write(char[] text, int offset, int length) {
        try {
            out.write(text, offset, length);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Writes text. */
    void print(String text) {
        char[] chars = text.toCharArray();
        write(chars, 0, chars.length);
    }

    /** Writes text and a line end. */
    void line(String text) {
        print(text);
        print("\n");
    }

    @Override
    public void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Flushes; the stream belongs to the process. */
    @Override
    public void close() {
        flush();
    }

    private static RuntimeException failure(IOException e) {
        String reason = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        boolean readerGone = Stream.of("broken pipe", "pipe closed", "reset by peer").anyMatch(reason::contains);
        return readerGone
                ? new ReaderGoneException(e)
                : new UncheckedIOException("cannot write to standard output", e);
    }
}
