package dev.pillion.cli;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** The command line as it was given, for a report that says what made it. */
final class CommandWords {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:=,@+%^-]+");

    private CommandWords() {}

    /** The words of a subcommand's line, quoted for a shell where they need it. */
    static String of(CommandSpec subcommand) {
        CommandLine root = subcommand.root().commandLine();
        List<String> words = root.getParseResult().originalArgs();
        return root.getCommandName() + " " + words.stream().map(CommandWords::quoted).collect(Collectors.joining(" "));
    }

    private static String quoted(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
