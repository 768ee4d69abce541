package dev.pillion.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jline.terminal.spi.SystemStream;
import org.jline.terminal.spi.TerminalProvider;

/**
 * What a command touches of the process it runs in; a test gives its own.
 *
 * @param out standard output: results
 * @param err standard error: everything else
 * @param in standard input
 * @param environment environment variables
 * @param interactive whether standard input and output are a terminal
 * @param messagesOnTerminal whether standard error is one
 */
record CommandContext(
        ResultWriter out,
        PrintWriter err,
        InputStream in,
        Map<String, String> environment,
        boolean interactive,
        boolean messagesOnTerminal) {

    /** The process as it is. */
    static CommandContext ofProcess() {
        return new CommandContext(
                new ResultWriter(new FileOutputStream(FileDescriptor.out)),
                new PrintWriter(
                        new OutputStreamWriter(new FileOutputStream(FileDescriptor.err), StandardCharsets.UTF_8), true),
                System.in,
                System.getenv(),
                isTerminal(SystemStream.Input) && isTerminal(SystemStream.Output),
                isTerminal(SystemStream.Error));
    }

    /** A variable of the environment; empty if it is not set. */
    String variable(String name) {
        return environment.getOrDefault(name, "");
    }

    /** Whether a variable is set to something that means yes. */
    boolean isSwitchedOn(String name) {
        return switch (variable(name).toLowerCase(Locale.ROOT)) {
            case "1", "true", "yes", "on" -> true;
            default -> false;
        };
    }

    /** The user's home folder. */
    Path home() {
        String home = variable("HOME");
        return Path.of(home.isEmpty() ? System.getProperty("user.home") : home);
    }

    /**
     * A folder for this program, by the XDG base directory rules.
     *
     * @param variable the variable that names the base
     * @param fallback the base under the home folder where it is not set
     */
    Path folder(String variable, String fallback) {
        String base = variable(variable);
        return (base.isEmpty() ? home().resolve(fallback) : Path.of(base)).resolve("pillion");
    }

    /** Whether colours are wanted: on a terminal, unless {@code NO_COLOR} is set (see no-color.org). */
    boolean colour() {
        return interactive && variable("NO_COLOR").isEmpty() && !variable("TERM").equals("dumb");
    }

    /** Java's own answer speaks of input and output together and not of standard error. */
    private static boolean isTerminal(SystemStream stream) {
        try {
            return TerminalProvider.load("ffm").isSystemStream(stream);
        } catch (IOException | RuntimeException | LinkageError e) {
            return System.console() != null && System.console().isTerminal();
        }
    }
}
