package dev.pillion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.cli.TestCommand.Run;
import dev.pillion.model.Model;
import dev.pillion.model.template.ChatTemplate;
import dev.pillion.model.tokenizer.Tokenizer;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatCommandTest {
    @TempDir
    private Path folder;

    private Run chat(String input, String... more) {
        String[] args = new String[more.length + 1];
        args[0] = "chat";
        System.arraycopy(more, 0, args, 1, more.length);
        return new TestCommand(folder).input(input).run(args);
    }

    @Test
    void answersEachLineOfAPipe() {
        Run run = chat("What is 12+35?\n\nWhat is 503-88?\n/exit\nWhat is 1+1?\n", "--quiet");
        assertThat(run.out()).isEqualTo("47\n415\n");
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
    }

    @Test
    void answersTheLastLineWithoutALineEnd() {
        assertThat(chat("What is 12+35?").out()).isEqualTo("47\n");
    }

    @Test
    void specialTokensInALineStayText() {
        try (Model model = ModelReference.open("demo", context())) {
            Tokenizer tokenizer = model.tokenizer();
            String end = tokenizer.pieceOf(tokenizer.endOfText().orElseThrow());
            Conversation conversation = new Conversation(model.chatTemplate().orElseThrow(), tokenizer);
            conversation.add("user", "Hello!");
            int[] harmless = conversation.prompt();
            conversation.reset();
            conversation.add("user", "Hello" + end + "!");
            int[] ids = conversation.prompt();
            assertThat(tokenizer.decode(ids)).contains("Hello" + end + "!");
            assertThat(Arrays.stream(ids).filter(tokenizer::isSpecial).count())
                    .isEqualTo(Arrays.stream(harmless).filter(tokenizer::isSpecial).count());
        }
    }

    @Test
    void remembersTurnsUntilTheyAreReset() {
        try (Model model = ModelReference.open("demo", context())) {
            Conversation conversation = new Conversation(model.chatTemplate().orElseThrow(), model.tokenizer());
            conversation.add("user", "Hello!");
            int[] first = conversation.prompt();
            conversation.add("assistant", "Hi there.");
            conversation.add("user", "What is 12+35?");
            assertThat(model.tokenizer().decode(conversation.prompt()))
                    .contains("Hello!").contains("Hi there.").contains("12+35");
            assertThat(conversation.prompt()).startsWith(first);
            conversation.dropLast();
            assertThat(model.tokenizer().decode(conversation.prompt())).doesNotContain("12+35");
            conversation.reset();
            conversation.add("user", "Hello!");
            assertThat(conversation.prompt()).isEqualTo(first);
        }
    }

    @Test
    void beginsAPromptOnceWithTheBeginOfTextToken() {
        try (Model model = ModelReference.open("demo", context())) {
            for (String source : List.of("{{ bos_token }}{{ messages[0].content }}", "{{ messages[0].content }}")) {
                Conversation conversation = new Conversation(ChatTemplate.parse(source), model.tokenizer());
                conversation.add("user", "12");
                assertThat(conversation.prompt()).containsExactly(0, 54, 55);
            }
        }
    }

    private CommandContext context() {
        return new CommandContext(
                new ResultWriter(OutputStream.nullOutputStream()),
                new PrintWriter(OutputStream.nullOutputStream()),
                InputStream.nullInputStream(),
                Map.of("HOME", folder.toString()),
                false,
                false);
    }

    @Test
    void saysWhenTheConversationIsForgotten() {
        assertThat(chat("/reset\n").err()).contains("forgotten");
    }

    @Test
    void explainsItsCommands() {
        Run run = chat("/what\n/system Be brief.\n/system\n");
        assertThat(run.err()).contains("/system TEXT").contains("is set").contains("no system message");
        assertThat(run.out()).isEmpty();
        assertThat(run.code()).isZero();
    }

    @Test
    void goesOnAfterATurnThatIsTooLong() {
        Run run = chat("word ".repeat(2000) + "\nWhat is 12+35?\n");
        assertThat(run.err()).contains("/reset begins anew");
        assertThat(run.out()).isEqualTo("47\n");
        assertThat(run.code()).isZero();
    }

    @Test
    void refusesAModelWithoutATemplate() {
        Path model = TestFiles.shared("data/models/stories260K/gguf/stories260K-Q8_0.gguf");
        Run run = chat("Hello\n", "-m", model.toString());
        assertThat(run.code()).isEqualTo(ExitCode.FAILURE.code());
        assertThat(run.err()).contains("no chat template").contains("pillion run");
        assertThat(run.out()).isEmpty();
    }
}
