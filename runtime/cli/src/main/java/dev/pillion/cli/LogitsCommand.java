package dev.pillion.cli;

import dev.pillion.Engine;
import dev.pillion.model.tokenizer.Tokenizer;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code pillion logits}: what the model computes, for checks against other implementations. */
@Command(
        name = "logits",
        description = "Prints the logits after given tokens.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = Version.class)
final class LogitsCommand implements Callable<Integer> {
    @ParentCommand
    private PillionCommand pillion;

    @Mixin
    private ModelOption model;

    @Mixin
    private EngineOptionGroup engineOptions;

    @Option(
            names = "--tokens",
            paramLabel = "IDS",
            required = true,
            description = "The tokens, as 1,2,3 or as a JSON array.")
    private String tokens = "";

    @Option(names = "--all", description = "The logits after every token, not only after the last.")
    private boolean all;

    @Option(names = "--json", description = "Print every logit, as JSON, instead of a table of the highest.")
    private boolean json;

    @Option(
            names = "--top",
            paramLabel = "N",
            description = "Rows of the table for each position (default: ${DEFAULT-VALUE}).")
    private int top = 10;

    @Override
    public Integer call() {
        int[] ids = TokenIds.parse(tokens);
        CommandContext context = pillion.context();
        try (Engine engine =
                engineOptions.start(pillion, model.open(context), engineOptions.options(1).build())) {
            float[][] logits = engine.logits(ids, all);
            if (json) {
                Map<String, Object> result = new LinkedHashMap<>();
                result.put("tokens", ids);
                result.put("positions", IntStream.range(ids.length - logits.length, ids.length).toArray());
                result.put("logits", logits);
                JsonOutput.line(context.out(), result);
            } else {
                table(context.out(), ids.length - logits.length, logits, engine.tokenizer());
            }
        }
        return ExitCode.OK.code();
    }

    private void table(ResultWriter out, int firstPosition, float[][] logits, Tokenizer tokenizer) {
        out.line("position     id         logit  token");
        for (int row = 0; row < logits.length; row++) {
            float[] values = logits[row];
            int position = firstPosition + row;
            IntStream.range(0, values.length)
                    .boxed()
                    .sorted((a, b) -> Float.compare(values[b], values[a]))
                    .limit(top)
                    .forEach(id -> out.line(String.format(
                            Locale.ROOT, "%8d %6d %13.6f  %s", position, id, values[id], piece(tokenizer, id))));
        }
        out.flush();
    }

    /** A model's output may be wider than its vocabulary. */
    private static String piece(Tokenizer tokenizer, int id) {
        return id < tokenizer.vocabularySize() ? Printable.of(tokenizer.pieceOf(id)) : "(none)";
    }
}
