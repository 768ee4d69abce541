package dev.pillion.cli;

import dev.pillion.BatchListener;
import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import dev.pillion.FinishReason;
import dev.pillion.GenerationRequest;
import dev.pillion.GenerationResult;
import dev.pillion.PillionException;
import dev.pillion.model.Model;
import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import dev.pillion.model.tokenizer.EncodeOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code pillion batch}: a file of requests, in the order that suits the engine; a killed run can be continued. */
@Command(
        name = "batch",
        description = {
            "Runs a file of requests known in advance, in the order that suits the engine best.",
            "Each line of the input is a JSON object with \"prompt\" or \"tokens\", and what else it",
            "wants of id, max_tokens, temperature, seed, stop and so on; see docs/cli.md.",
            "Results come in any order, one JSON line each. A run that was killed continues where",
            "it stopped when it is started again."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = Version.class)
final class BatchCommand implements Callable<Integer> {
    @ParentCommand
    private PillionCommand pillion;

    @Mixin
    private ModelOption model;

    @Option(
            names = "--in",
            paramLabel = "FILE",
            required = true,
            description = "Requests, one JSON object a line; - is stdin.")
    private String in = "";

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "Where the results go.")
    private Path out;

    @Option(names = "--overwrite", description = "Start afresh even if --out holds results.")
    private boolean overwrite;

    @Option(
            names = {"-n", "--max-tokens"},
            paramLabel = "N",
            description = "Generate at most N tokens, unless a line says otherwise (default: ${DEFAULT-VALUE}).")
    private int maxTokens = 256;

    @Option(
            names = "--max-sequences",
            paramLabel = "N",
            description = "Requests that run at once (default: ${DEFAULT-VALUE}).")
    private int maxSequences = EngineOptions.defaults().maxSequences();

    @Option(names = "--no-add-special", description = "Do not put the begin-of-text token before prompts.")
    private boolean noAddSpecial;

    @Option(
            names = {"--parse-special", "--raw"},
            description = "Read special tokens written out in prompts as such.")
    private boolean parseSpecial;

    @Mixin
    private SamplingOptionGroup sampling;

    @Mixin
    private EngineOptionGroup engineOptions;

    @Override
    public Integer call() {
        CommandContext context = pillion.context();
        BatchItem.Defaults defaults = new BatchItem.Defaults(
                sampling.sampling(null),
                sampling.stop(maxTokens),
                new EncodeOptions(!noAddSpecial, parseSpecial));
        String text = TextInput.read(in, context);
        List<BatchItem> items = BatchItem.readAll(text, in, defaults);
        EngineOptions options = engineOptions.options(maxSequences).build();
        try (Model opened = model.open(context);
                BatchOutput output = BatchOutput.open(
                        out, run(text, defaults, options, opened), items.size(), overwrite)) {
            if (output.finished() > 0) {
                pillion.report(out + " holds " + output.finished() + " of " + items.size() + " results; going on");
            }
            if (output.finished() < items.size()) {
                generate(opened, options, items, output);
            }
            pillion.report(output.finished() + " of " + items.size() + " requests done, " + output.failed()
                    + " of them failed; results in " + out);
            return (output.failed() == 0 ? ExitCode.OK : ExitCode.FAILURE).code();
        }
    }

    private void generate(Model opened, EngineOptions options, List<BatchItem> items, BatchOutput output) {
        List<Integer> indices = new ArrayList<>();
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            if (!output.isFinished(i)) {
                indices.add(i);
                requests.add(items.get(i).request());
            }
        }
        BatchProgress progress = new BatchProgress(
                pillion.context(), pillion.isQuiet(), items.size(), output.finished(), output.failed());
        try (Engine engine = engineOptions.start(pillion, opened, options)) {
            engine.generateAll(requests, new Recorder(items, indices, output, progress));
        } finally {
            progress.stop();
        }
    }

    /** Writes what comes, as it comes. */
    private record Recorder(List<BatchItem> items, List<Integer> indices, BatchOutput output, BatchProgress progress)
            implements BatchListener {
        @Override
        public void onResult(int at, GenerationResult result) {
            if (result.finishReason() == FinishReason.CANCELLED) {
                return; // the run is ending early; the next one computes it again
            }
            Map<String, Object> line = start(indices.get(at));
            line.put("text", result.text());
            line.put("prompt_tokens", result.promptTokens());
            line.put("tokens", result.generatedTokens());
            line.put("finish_reason", result.finishReason().name().toLowerCase(Locale.ROOT));
            output.append(indices.get(at), line);
            progress.finished(result.generatedTokens(), true);
        }

        /** What is wrong with the request is its result; what is wrong with the engine ends the run. */
        @Override
        public void onError(int at, PillionException error) {
            switch (error.code()) {
                case BAD_REQUEST, REQUEST_FAILED -> {
                    Map<String, Object> line = start(indices.get(at));
                    line.put("error", Map.of(
                            "code", error.code().name().toLowerCase(Locale.ROOT),
                            "message", String.valueOf(error.getMessage())));
                    output.append(indices.get(at), line);
                    progress.finished(0, false);
                }
                case QUEUE_FULL, CLOSED, ENGINE_FAILED, NO_BACKEND, OUT_OF_MEMORY -> throw error;
            }
        }

        private Map<String, Object> start(int index) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("index", index);
            items.get(index).id().ifPresent(id -> line.put("id", id));
            return line;
        }
    }

    /** What must be the same for results to belong to one run. Threads, batch and chunk sizes do not change results. */
    private Map<String, String> run(
            String text, BatchItem.Defaults defaults, EngineOptions options, Model opened) {
        Map<String, String> run = new LinkedHashMap<>();
        run.put("format", "1");
        run.put("input_sha256", sha256(text));
        run.put("model", opened.description().name() + ", "
                + opened.tensors().values().stream().mapToLong(Tensor::elements).sum() + " parameters, "
                + opened.tensors().values().stream().mapToLong(tensor -> tensor.data().byteSize()).sum() + " bytes");
        run.put("sampling", defaults.sampling().toString());
        run.put("stop", String.valueOf(defaults.stop().stopStrings()));
        run.put("stop_tokens", String.valueOf(new TreeSet<>(defaults.stop().stopTokenIds())));
        run.put("min_tokens", String.valueOf(defaults.stop().minTokens()));
        run.put("max_tokens", String.valueOf(defaults.stop().maxTokens()));
        run.put("ignore_eos", String.valueOf(defaults.stop().ignoreEos()));
        run.put("encoding", defaults.encoding().toString());
        run.put("context", String.valueOf(options.contextTokens()));
        run.put("kv_type", options.kvType().map(TensorType::name).orElse("default"));
        return run;
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
