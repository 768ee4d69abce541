package dev.pillion.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Text from a file or from standard input ({@code -}), in UTF-8. */
final class TextInput {
    private static final String STANDARD_INPUT = "-";

    private TextInput() {}

    /** Reads all of it. */
    static String read(String file, CommandContext context) {
        boolean standardInput = file.equals(STANDARD_INPUT);
        try {
            byte[] bytes = standardInput ? context.in().readAllBytes() : Files.readAllBytes(Path.of(file));
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new CliException(
                    ExitCode.FAILURE, (standardInput ? "standard input" : file) + " is not UTF-8 text", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + (standardInput ? "standard input" : file), e);
        }
    }
}
