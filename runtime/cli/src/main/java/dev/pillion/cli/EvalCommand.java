package dev.pillion.cli;

import dev.pillion.Engine;
import dev.pillion.Generation;
import dev.pillion.GenerationRequest;
import dev.pillion.GenerationRequest.Prompt;
import dev.pillion.model.tokenizer.EncodeOptions;
import dev.pillion.sampling.SamplingParams;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code pillion eval}: how many tasks the model answers with exactly the expected tokens. */
@Command(
        name = "eval",
        description = {
            "Answers tasks greedily and prints the exact-match accuracy.",
            "Each line of the file is a JSON object with the texts task, label, prompt and answer."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = Version.class)
final class EvalCommand implements Callable<Integer> {
    private static final int PROGRESS_STEPS = 10;

    @ParentCommand
    private PillionCommand pillion;

    @Mixin
    private ModelOption model;

    @Option(
            names = "--tasks",
            paramLabel = "FILE",
            required = true,
            description = "Tasks, one JSON object a line; - is stdin.")
    private String tasks = "";

    @Option(names = "--json", description = "Print one JSON object instead of a table.")
    private boolean json;

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            description = "Tasks that are computed together (default: ${DEFAULT-VALUE}).")
    private int inFlight = 64;

    @Mixin
    private EngineOptionGroup engineOptions;

    /** A task under way. */
    private record Pending(EvalTask task, int[] expected, Generation generation) {}

    @Override
    public Integer call() {
        CommandContext context = pillion.context();
        if (inFlight < 1) {
            throw new CliException(ExitCode.USAGE, "--in-flight is " + inFlight + "; give 1 or more");
        }
        List<EvalTask> list = EvalTask.readAll(tasks, context);
        EvalScore score = new EvalScore();
        try (Engine engine = engineOptions.start(
                pillion, model.open(context), engineOptions.options(inFlight).build())) {
            answer(engine, list, score);
        }
        if (json) {
            JsonOutput.line(context.out(), score.json(model.name()));
        } else {
            score.print(context.out());
        }
        return ExitCode.OK.code();
    }

    private void answer(Engine engine, List<EvalTask> list, EvalScore score) {
        Queue<Pending> pending = new ArrayDeque<>();
        for (EvalTask task : list) {
            if (pending.size() == inFlight) {
                collect(pending.remove(), score, list.size());
            }
            pending.add(submit(engine, task));
        }
        while (!pending.isEmpty()) {
            collect(pending.remove(), score, list.size());
        }
    }

    private static Pending submit(Engine engine, EvalTask task) {
        int[] expected = engine.tokenizer().encode(task.answer(), EncodeOptions.TEMPLATE);
        if (expected.length == 0) {
            throw new CliException(ExitCode.FAILURE, task.place() + ": the answer has no tokens");
        }
        Prompt prompt = new Prompt.Text(task.prompt(), new EncodeOptions(true, true));
        GenerationRequest request = GenerationRequest.builder(prompt)
                .sampling(SamplingParams.greedy())
                .maxTokens(expected.length)
                .build();
        return new Pending(task, expected, engine.submit(request));
    }

    private void collect(Pending pending, EvalScore score, int total) {
        int[] generated = pending.generation.result().tokens().stream().mapToInt(Integer::intValue).toArray();
        score.add(pending.task, Arrays.equals(generated, pending.expected));
        if (score.total() * PROGRESS_STEPS / total != (score.total() - 1) * PROGRESS_STEPS / total) {
            pillion.report(score.total() + " of " + total + " tasks, " + score.right() + " right");
        }
    }
}
