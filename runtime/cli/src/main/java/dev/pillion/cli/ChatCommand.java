package dev.pillion.cli;

import dev.pillion.Engine;
import dev.pillion.GeneratedToken;
import dev.pillion.Generation;
import dev.pillion.GenerationRequest;
import dev.pillion.PillionException;
import dev.pillion.model.Model;
import dev.pillion.model.template.ChatTemplate;
import dev.pillion.model.template.TemplateException;
import dev.pillion.sampling.SamplingParams;
import dev.pillion.sampling.StopConditions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code pillion chat}: a conversation. */
@Command(
        name = "chat",
        description = {
            "Talks with a model that has a chat template.",
            "Lines are turns; /reset forgets them, /system TEXT sets the system message, /exit ends.",
            "Ctrl-C cancels an answer, Ctrl-D ends. Without a terminal, lines are read from stdin."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = Version.class)
final class ChatCommand implements Callable<Integer> {
    private static final String COMMANDS = "/reset forgets the conversation, /system TEXT sets the system message "
            + "(none without TEXT), /exit ends; // begins a line that starts with a slash";

    /** What a turn needs. */
    private record Dialogue(
            Engine engine, Conversation conversation, ChatInput input, SamplingParams params, StopConditions stop) {}

    @ParentCommand
    private PillionCommand pillion;

    @Mixin
    private ModelOption model;

    @Mixin
    private SamplingOptionGroup sampling;

    @Mixin
    private EngineOptionGroup engineOptions;

    @Option(
            names = {"-n", "--max-tokens"},
            paramLabel = "N",
            description = "At most N tokens an answer (default: ${DEFAULT-VALUE}).")
    private int maxTokens = 1024;

    @Option(names = {"-s", "--system"}, paramLabel = "TEXT", description = "The system message.")
    private String system = "";

    @Option(
            names = "--history",
            paramLabel = "FILE",
            description = "Where the lines typed are kept (default: XDG_STATE_HOME/pillion/chat-history).")
    private @Nullable Path history;

    @Option(names = "--no-history", description = "Keep no lines.")
    private boolean noHistory;

    @Override
    public Integer call() {
        CommandContext context = pillion.context();
        SamplingParams params = sampling.sampling(null);
        StopConditions stop = sampling.stop(maxTokens);
        Model opened = model.open(context);
        ChatTemplate template = template(opened);
        try (Engine engine = engineOptions.start(pillion, opened, engineOptions.options(1).build());
                ChatInput input = input(context)) {
            Conversation conversation = new Conversation(template, engine.tokenizer());
            conversation.system(system);
            converse(new Dialogue(engine, conversation, input, params, stop));
        }
        return ExitCode.OK.code();
    }

    private ChatTemplate template(Model opened) {
        Optional<ChatTemplate> template;
        try {
            template = opened.chatTemplate();
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
        return template.orElseThrow(() -> {
            opened.close();
            return new CliException(ExitCode.FAILURE, model.name()
                    + " has no chat template, so it is no chat model or was converted without one; use an "
                    + "instruct version of it, or continue plain text with pillion run");
        });
    }

    private ChatInput input(CommandContext context) {
        if (context.interactive()) {
            Path state = context.folder("XDG_STATE_HOME", ".local/state");
            Path file = history != null ? history : state.resolve("chat-history");
            try {
                return TerminalChatInput.open(noHistory ? Optional.empty() : Optional.of(file));
            } catch (IOException | IllegalStateException e) {
                pillion.report("no line editing here: " + e.getMessage());
            }
        }
        return ChatInput.ofLines(context.in());
    }

    private void converse(Dialogue dialogue) {
        while (true) {
            Optional<String> line = dialogue.input.nextLine();
            if (line.isEmpty() || line.get().strip().equals("/exit")) {
                return;
            }
            String text = line.get().strip();
            if (text.startsWith("/") && !text.startsWith("//")) {
                command(text, dialogue.conversation);
            } else if (!text.isEmpty()) {
                turn(dialogue, text.startsWith("//") ? text.substring(1) : text);
            }
        }
    }

    private void command(String text, Conversation conversation) {
        String[] words = text.split("\\s+", 2);
        switch (words[0]) {
            case "/reset" -> {
                conversation.reset();
                pillion.report("the conversation is forgotten");
            }
            case "/system" -> {
                conversation.system(words.length > 1 ? words[1] : "");
                pillion.report(words.length > 1 ? "the system message is set" : "there is no system message");
            }
            default -> pillion.context().err().println("pillion: " + COMMANDS);
        }
    }

    /** What this conversation cannot have, such as a turn too long for the context, ends the turn and not the chat. */
    private void turn(Dialogue dialogue, String text) {
        Conversation conversation = dialogue.conversation;
        conversation.add("user", text);
        try {
            GenerationRequest request = GenerationRequest.builder(conversation.prompt())
                    .sampling(dialogue.params)
                    .stop(dialogue.stop)
                    .build();
            try (Generation generation = dialogue.engine.submit(request)) {
                dialogue.input.whileAnswering(() -> print(generation), generation::cancel);
                conversation.add("assistant", generation.result().text());
            }
        } catch (TemplateException e) {
            refuse(conversation, String.valueOf(e.getMessage()));
        } catch (PillionException e) {
            if (e.code() != PillionException.Code.BAD_REQUEST) {
                throw e;
            }
            refuse(conversation, e.getMessage() + "; /reset begins anew");
        }
    }

    private void refuse(Conversation conversation, String reason) {
        conversation.dropLast();
        pillion.context().err().println("pillion: " + Printable.of(reason));
    }

    private void print(Generation generation) {
        ResultWriter out = pillion.context().out();
        for (GeneratedToken token : generation) {
            if (!token.text().isEmpty()) {
                out.print(token.text());
                out.flush();
            }
        }
        out.line("");
        out.flush();
    }
}
