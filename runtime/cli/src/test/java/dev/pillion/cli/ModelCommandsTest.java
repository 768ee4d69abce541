package dev.pillion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.cli.TestCommand.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCommandsTest {
    @TempDir
    private Path folder;

    private Run run(String... args) {
        return new TestCommand(folder).run(args);
    }

    @Test
    void tokenizesAndBack() throws IOException {
        Path file = Files.writeString(folder.resolve("text"), "Once 12 \u00e4\u20ac\n");
        Run tokens = run("tokenize", "--file", file.toString());
        assertThat(TestFiles.json(tokens.out())).isInstanceOf(List.class);
        assertThat(run("detokenize", "--ids", tokens.out()).out()).isEqualTo("Once 12 \u00e4\u20ac\n");
        assertThat(new TestCommand(folder).input(tokens.out()).run("detokenize").out()).isEqualTo("Once 12 \u00e4\u20ac\n");
    }

    @Test
    void treatsSpecialTokensAsAsked() {
        assertThat(run("tokenize", "--text", "12").out()).isEqualTo("[54,55]\n");
        assertThat(run("tokenize", "--text", "12", "--add-special").out()).isEqualTo("[0,54,55]\n");
        assertThat(run("tokenize", "--text", "12<|end|>", "--parse-special").out()).isEqualTo("[54,55,4]\n");
        assertThat(run("detokenize", "--ids", "54 55,4").out()).isEqualTo("12");
        assertThat(run("detokenize", "--ids", "54,55,4", "--show-special").out()).isEqualTo("12<|end|>");
        assertThat(run("detokenize", "--ids", "[]").out()).isEmpty();
    }

    @Test
    void inspectsForPeople() {
        Run run = run("inspect");
        assertThat(run.out()).contains("GGUF v3", "architecture  llama", "parameters    2,754,816", "Q8_0", "memory plan")
                .contains("(1536 items)").contains("token_embd.weight");
        assertThat(run.code()).isZero();
        assertThat(run.err()).isEmpty();
    }

    @Test
    void inspectsForPrograms() {
        Map<String, Object> json = TestFiles.jsonObject(run("inspect", "demo", "--json", "--context", "256").out());
        assertThat(json).containsEntry("format", "GGUF v3").containsEntry("parameters", 2_754_816L)
                .containsEntry("obstacle", null);
        assertThat((Map<?, ?>) json.get("description")).extracting("layers", "hidden_size").containsExactly(4L, 256L);
        assertThat((Map<?, ?>) json.get("memory_plan")).extracting("context_tokens").isEqualTo(256L);
        assertThat((List<?>) json.get("tensors")).hasSize(38);
        assertThat(((Map<?, ?>) json.get("metadata")).get("tokenizer.ggml.tokens")).asInstanceOf(
                        org.assertj.core.api.InstanceOfAssertFactories.MAP).containsEntry("length", 1536L);
    }

    @Test
    void inspectsAFileThatCannotRunAndSaysWhy() {
        Path file = TestFiles.shared("data/tokenizers/llama.cpp-vocab/ggml-vocab-falcon.gguf");
        Run run = run("inspect", file.toString());
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("memory plan   none", "not runnable", "falcon", "known are");
        assertThat(TestFiles.jsonObject(run("inspect", file.toString(), "--json").out()).get("obstacle"))
                .asString().contains("falcon");
    }

    @Test
    void printsLogits() {
        Map<String, Object> all = TestFiles.jsonObject(run("logits", "--tokens", "0,54,55", "--all", "--json").out());
        assertThat(all).containsEntry("positions", List.of(0L, 1L, 2L));
        List<?> rows = (List<?>) all.get("logits");
        assertThat(rows).hasSize(3).allSatisfy(row -> assertThat((List<?>) row).hasSize(1536));
        Map<String, Object> last = TestFiles.jsonObject(run("logits", "--tokens", "[0,54,55]", "--json").out());
        assertThat(last).containsEntry("positions", List.of(2L)).containsEntry("logits", List.of(rows.get(2)));
    }

    @Test
    void printsTheHighestLogitsAsATable() {
        Run run = run("logits", "--tokens", "0,54", "--top", "3");
        assertThat(run.out().lines()).hasSize(4);
        assertThat(run.out()).startsWith("position");
    }

    @Test
    void measuresTheDemoModel() {
        Run run = run("bench", "--pp", "8", "--tg", "2", "--batch", "1,2", "--repetitions", "2");
        assertThat(run.code()).isZero();
        assertThat(run.out().lines()).hasSize(8)
                .first()
                .isEqualTo("| model | size | params | backend | threads | batch | test | t/s | host \u00b5s/step |");
        assertThat(run.out()).contains("| 2 | pp8+tg2 |").contains(" \u00b1 ");
    }

    @Test
    void measuresRandomWeightsInEachFormat() {
        String[] args = {
            "bench", "--quiet", "--random-weights", "--type", "q8_0", "--pp", "4", "--tg", "0", "--repetitions", "3",
            "--threads", "1", "--shape", "dim=64,layers=2,heads=4,kv=2,ffn=128,vocab=96", "--format", "json"
        };
        List<?> rows = (List<?>) TestFiles.json(run(args).out());
        assertThat(rows).hasSize(1);
        assertThat((Map<?, ?>) rows.getFirst()).extracting("test", "threads", "batch", "prompt_tokens")
                .containsExactly("pp4", 1L, 1L, 4L);
        assertThat((List<?>) ((Map<?, ?>) rows.getFirst()).get("samples")).hasSize(3);
        assertThat((Double) ((Map<?, ?>) rows.getFirst()).get("host_microseconds_per_step")).isPositive();
        String[] csv = Arrays.copyOf(args, args.length);
        csv[csv.length - 1] = "csv";
        assertThat(run(csv).out().lines()).hasSize(2).first().asString().startsWith("model,size_bytes,");
    }

    @Test
    void saysWhichShapesARandomModelCannotHave() {
        Run run = run("bench", "--random-weights", "--type", "Q4_K", "--shape",
                "dim=64,layers=1,heads=4,kv=2,ffn=128,vocab=96");
        assertThat(run.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(run.err()).contains("Q4_K");
    }

    @Test
    void countsRightAnswers() throws IOException {
        Path tasks = Files.writeString(folder.resolve("tasks.jsonl"), """
                {"task": "sum", "label": "+", "prompt": "12+35=", "answer": "47;"}

                {"task": "sum", "label": "+", "prompt": "12+35=", "answer": "48;"}
                {"task": "sum", "label": "-", "prompt": "503-88=", "answer": "415;"}
                {"task": "copy", "label": "3", "prompt": "copy: k q z ->", "answer": " k q z;"}
                """);
        Run table = run("eval", "--tasks", tasks.toString(), "--in-flight", "2");
        assertThat(table.out()).contains("| sum | + | 1 | 2 | 50.0 % |", "| sum | (all) | 2 | 3 | 66.7 % |",
                "| (all) | (all) | 3 | 4 | 75.0 % |");
        assertThat(table.err()).contains("4 of 4 tasks, 3 right");
        Map<String, Object> json = TestFiles.jsonObject(run("eval", "--tasks", tasks.toString(), "--json").out());
        assertThat(json).containsEntry("right", 3L).containsEntry("total", 4L).containsEntry("accuracy", 0.75);
        assertThat((List<?>) json.get("tasks")).hasSize(2);
    }

    @Test
    void namesTheLineOfATaskThatIsWrong() throws IOException {
        Path tasks = Files.writeString(folder.resolve("tasks.jsonl"), "{\"task\": \"a\"}\n");
        assertThat(run("eval", "--tasks", tasks.toString()).err()).contains("line 1 has no text \"label\"");
        Files.writeString(tasks, "\n{\n");
        assertThat(run("eval", "--tasks", tasks.toString()).err()).contains("line 2 is no JSON");
        Files.writeString(tasks, "\n");
        Run empty = run("eval", "--tasks", tasks.toString());
        assertThat(empty.err()).contains("no tasks");
        assertThat(empty.code()).isEqualTo(ExitCode.FAILURE.code());
    }
}
