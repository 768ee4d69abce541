package dev.pillion.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Runs the command within the test, with an environment of its own below a folder of the test. */
final class TestCommand {
    /** What a run left. */
    record Run(int code, String out, String err) {}

    private final Map<String, String> environment = new HashMap<>();
    private String input = "";

    TestCommand(Path folder) {
        environment.put("HOME", folder.resolve("home").toString());
    }

    TestCommand with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    TestCommand input(String text) {
        input = text;
        return this;
    }

    Run run(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StringWriter err = new StringWriter();
        CommandContext context = new CommandContext(
                new ResultWriter(out),
                new PrintWriter(err),
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                Map.copyOf(environment),
                false,
                false);
        int code = PillionCommand.execute(context, args);
        return new Run(code, out.toString(StandardCharsets.UTF_8), err.toString());
    }
}
