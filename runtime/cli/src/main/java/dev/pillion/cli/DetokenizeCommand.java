package dev.pillion.cli;

import dev.pillion.model.Model;
import dev.pillion.model.tokenizer.SpecialText;
import dev.pillion.model.tokenizer.Tokenizer;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code pillion detokenize}: token ids to text. */
@Command(
        name = "detokenize",
        description = "Prints the text of token ids, exactly: no line end is added.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = Version.class)
final class DetokenizeCommand implements Callable<Integer> {
    @ParentCommand
    private PillionCommand pillion;

    @Mixin
    private ModelOption model;

    @Option(
            names = {"-i", "--ids"},
            paramLabel = "IDS",
            description = "The ids, as 1,2,3 or as a JSON array (default: read from stdin).")
    private @Nullable String ids;

    @Option(names = "--show-special", description = "Write control tokens by name rather than leave them out.")
    private boolean showSpecial;

    @Override
    public Integer call() {
        CommandContext context = pillion.context();
        int[] tokens = TokenIds.parse(ids != null ? ids : TextInput.read("-", context));
        try (Model opened = model.open(context)) {
            Tokenizer tokenizer = opened.tokenizer();
            for (int token : tokens) {
                if (token >= tokenizer.vocabularySize()) {
                    throw new CliException(ExitCode.USAGE, "token id " + token + " is beyond the vocabulary of "
                            + tokenizer.vocabularySize());
                }
            }
            context.out().print(tokenizer.decode(tokens, showSpecial ? SpecialText.SHOW : SpecialText.OMIT));
            context.out().flush();
        }
        return ExitCode.OK.code();
    }
}
