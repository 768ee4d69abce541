package dev.pillion.engine;

import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/** Logs nothing: these tests provoke failures by the thousand, and what matters of them they see in the outcome. */
public final class QuietLoggers extends System.LoggerFinder {
    /** Called by the service loader. */
    public QuietLoggers() {}

    @Override
    public System.Logger getLogger(String name, Module module) {
        return new Quiet(name);
    }

    private record Quiet(String name) implements System.Logger {
        @Override
        public String getName() {
            return name;
        }

        @Override
        public boolean isLoggable(Level level) {
            return false;
        }

        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, @Nullable String message, @Nullable Throwable thrown) {}

        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, @Nullable String format, @Nullable Object... values) {}
    }
}
