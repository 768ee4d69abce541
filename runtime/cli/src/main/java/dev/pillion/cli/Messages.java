package dev.pillion.cli;

import java.io.PrintWriter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Shows what the libraries log as plain lines on stderr, like the command's own messages. */
final class Messages extends Handler {
    /** The library's logger, held because the log manager alone would let it be collected with its level. */
    private static final Logger PILLION = Logger.getLogger("dev.pillion");

    private final PrintWriter err;
    private final boolean stackTraces;
    private final SimpleFormatter formatter = new SimpleFormatter();

    private Messages(PrintWriter err, boolean stackTraces) {
        this.err = err;
        this.stackTraces = stackTraces;
    }

    /**
     * Takes the place of the platform's two-line output.
     *
     * @param debug whether to show debug messages and stack traces
     * @param quiet whether to show warnings and errors only
     */
    static void install(PrintWriter err, boolean debug, boolean quiet) {
        LogManager.getLogManager().reset();
        Logger root = Logger.getLogger("");
        root.addHandler(new Messages(err, debug));
        root.setLevel(Level.WARNING);
        PILLION.setLevel(debug ? Level.FINE : quiet ? Level.WARNING : Level.INFO);
    }

    @Override
    public void publish(LogRecord logged) {
        String level = prefix(logged.getLevel());
        String text = Printable.of(formatter.formatMessage(logged));
        Throwable thrown = logged.getThrown();
        err.println("pillion: " + level + text);
        if (thrown != null && stackTraces) {
            thrown.printStackTrace(err);
        }
    }

    private static String prefix(Level level) {
        if (level.intValue() >= Level.SEVERE.intValue()) {
            return "error: ";
        }
        if (level.intValue() >= Level.WARNING.intValue()) {
            return "warning: ";
        }
        return level.intValue() >= Level.INFO.intValue() ? "" : "debug: ";
    }

    @Override
    public void flush() {
        err.flush();
    }

    @Override
    public void close() {
        flush();
    }
}
