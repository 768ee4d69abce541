package dev.pillion.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** A prompt with line editing and history. Ctrl-C drops the line or cancels the answer, Ctrl-D ends the chat. */
final class TerminalChatInput implements ChatInput {
    private static final String PROMPT = "> ";

    private final Terminal terminal;
    private final LineReader reader;

    private TerminalChatInput(Terminal terminal, LineReader reader) {
        this.terminal = terminal;
        this.reader = reader;
    }

    /**
     * Takes over the terminal.
     *
     * @param history where lines are kept between runs; empty to keep none
     * @throws IOException if there is no terminal that can do this
     */
    static ChatInput open(Optional<Path> history) throws IOException {
        Terminal terminal = TerminalBuilder.builder().system(true).dumb(false).build();
        LineReaderBuilder builder = LineReaderBuilder.builder()
                .terminal(terminal)
                .appName("pillion")
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true);
        if (history.isPresent()) {
            createPrivately(history.get());
            builder.variable(LineReader.HISTORY_FILE, history.get());
        }
        return new TerminalChatInput(terminal, builder.build());
    }

    @Override
    public Optional<String> nextLine() {
        while (true) {
            try {
                return Optional.of(reader.readLine(PROMPT));
            } catch (UserInterruptException e) {
                terminal.writer().println("(Ctrl-D or /exit ends the conversation)");
            } catch (EndOfFileException e) {
                return Optional.empty();
            }
        }
    }

    @Override
    public void whileAnswering(Runnable answer, Runnable cancel) {
        Terminal.SignalHandler before = terminal.handle(Terminal.Signal.INT, signal -> cancel.run());
        try {
            answer.run();
        } finally {
            terminal.handle(Terminal.Signal.INT, before);
        }
    }

    @Override
    public void close() {
        try {
            terminal.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot give the terminal back", e);
        }
    }

    /** What people say to a model is nobody else's business. */
    private static void createPrivately(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException e) {
            // From an earlier run, with the permissions the user has given it since.
        } catch (UnsupportedOperationException e) {
            Files.createFile(file);
        }
    }
}
