package dev.pillion.cli;

import dev.pillion.Engine;
import dev.pillion.GeneratedToken;
import dev.pillion.Generation;
import dev.pillion.GenerationRequest;
import dev.pillion.GenerationRequest.Prompt;
import dev.pillion.GenerationResult;
import dev.pillion.model.tokenizer.EncodeOptions;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code pillion run}: continues one prompt. */
@Command(
        name = "run",
        description = "Continues a prompt and streams the continuation.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = Version.class)
final class RunCommand implements Callable<Integer> {
    /** Where the prompt comes from. */
    static final class Source {
        @Option(names = {"-p", "--prompt"}, paramLabel = "T", description = "The prompt.")
        private @Nullable String prompt;

        @Option(
                names = {"-f", "--prompt-file"},
                paramLabel = "F",
                description = "A UTF-8 file with the prompt; - is stdin.")
        private @Nullable String file;

        String text(CommandContext context) {
            return prompt != null ? prompt : TextInput.read(String.valueOf(file), context);
        }
    }

    @ParentCommand
    private PillionCommand pillion;

    @ArgGroup(multiplicity = "1")
    private Source source;

    @Mixin
    private ModelOption model;

    @Mixin
    private SamplingOptionGroup sampling;

    @Mixin
    private EngineOptionGroup engineOptions;

    @Option(
            names = {"-n", "--max-tokens"},
            paramLabel = "N",
            description = "Generate at most N tokens (default: ${DEFAULT-VALUE}).")
    private int maxTokens = 256;

    @Option(names = "--no-add-special", description = "Do not put the begin-of-text token before the prompt.")
    private boolean noAddSpecial;

    @Option(
            names = {"--parse-special", "--raw"},
            description = "Read special tokens written out in the prompt as such.")
    private boolean parseSpecial;

    @Option(names = "--json", description = "Print one JSON object at the end instead of streaming text.")
    private boolean json;

    @Option(
            names = "--logprobs",
            paramLabel = "N",
            description = "With --json: log-probabilities of each token and of the N most likely ones.")
    private @Nullable Integer logprobs;

    @Override
    public Integer call() {
        CommandContext context = pillion.context();
        GenerationRequest request = request(context);
        try (Engine engine =
                engineOptions.start(pillion, model.open(context), engineOptions.options(1).build())) {
            GenerationResult result = json ? engine.generate(request) : stream(engine, request, context.out());
            if (json) {
                JsonOutput.line(context.out(), RunJson.of(model.name(), result));
            }
            pillion.report(GenerationSummary.of(result));
        }
        return ExitCode.OK.code();
    }

    private GenerationRequest request(CommandContext context) {
        EncodeOptions encoding = new EncodeOptions(!noAddSpecial, parseSpecial);
        return GenerationRequest.builder(new Prompt.Text(source.text(context), encoding))
                .sampling(sampling.sampling(json ? logprobs : null))
                .stop(sampling.stop(maxTokens))
                .build();
    }

    /** Text as it comes, and a line end unless the text has one, so that the shell's prompt gets its own line. */
    private static GenerationResult stream(Engine engine, GenerationRequest request, ResultWriter out) {
        try (Generation generation = engine.submit(request)) {
            boolean atLineStart = true;
            for (GeneratedToken token : generation) {
                if (!token.text().isEmpty()) {
                    out.print(token.text());
                    out.flush();
                    atLineStart = token.text().endsWith("\n");
                }
            }
            if (!atLineStart) {
                out.line("");
            }
            out.flush();
            return generation.result();
        }
    }
}
