package dev.pillion.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Where the user's side of a conversation comes from. */
interface ChatInput extends AutoCloseable {
    /** The next line; empty when there are no more. */
    Optional<String> nextLine();

    /**
     * Runs the answer.
     *
     * @param answer prints it
     * @param cancel is run where the user interrupts
     */
    void whileAnswering(Runnable answer, Runnable cancel);

    @Override
    void close();

    /** Lines of standard input, for a pipe or a terminal that can do nothing. */
    static ChatInput ofLines(InputStream in) {
        BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        return new ChatInput() {
            @Override
            public Optional<String> nextLine() {
                try {
                    return Optional.ofNullable(reader.readLine());
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot read standard input", e);
                }
            }

            @Override
            public void whileAnswering(Runnable answer, Runnable cancel) {
                answer.run();
            }

            /** Standard input belongs to the process. */
            @Override
            public void close() {}
        };
    }
}
