package dev.pillion.cli;

import dev.pillion.model.Model;
import dev.pillion.model.tokenizer.EncodeOptions;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code pillion tokenize}: text to token ids. */
@Command(
        name = "tokenize",
        description = "Prints the token ids of a text as a JSON array.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = Version.class)
final class TokenizeCommand implements Callable<Integer> {
    /** Where the text comes from. */
    static final class Source {
        @Option(names = {"-t", "--text"}, paramLabel = "T", description = "The text.")
        private @Nullable String text;

        @Option(names = {"-f", "--file"}, paramLabel = "F", description = "A UTF-8 file with the text; - is stdin.")
        private @Nullable String file;

        String text(CommandContext context) {
            return text != null ? text : TextInput.read(String.valueOf(file), context);
        }
    }

    @ParentCommand
    private PillionCommand pillion;

    @Mixin
    private ModelOption model;

    @ArgGroup(multiplicity = "1")
    private Source source;

    @Option(
            names = "--add-special",
            description = "Add the tokens the model wants around a text, such as begin of text.")
    private boolean addSpecial;

    @Option(names = "--parse-special", description = "Read special tokens written out in the text as such.")
    private boolean parseSpecial;

    @Override
    public Integer call() {
        CommandContext context = pillion.context();
        String text = source.text(context);
        try (Model opened = model.open(context)) {
            JsonOutput.line(
                    context.out(), opened.tokenizer().encode(text, new EncodeOptions(addSpecial, parseSpecial)));
        }
        return ExitCode.OK.code();
    }
}
