package dev.pillion.cli;

import dev.pillion.model.ModelFormatException;
import dev.pillion.model.json.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A task of an evaluation.
 *
 * @param task kind of task
 * @param label variant of the kind, for the report
 * @param prompt what the model continues
 * @param answer the only right continuation
 * @param place file and line, for messages
 */
record EvalTask(String task, String label, String prompt, String answer, String place) {

    /** Reads a JSON-lines file; empty lines are passed over. */
    static List<EvalTask> readAll(String file, CommandContext context) {
        List<EvalTask> tasks = new ArrayList<>();
        List<String> lines = TextInput.read(file, context).lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                tasks.add(read(lines.get(i), file + " line " + (i + 1)));
            }
        }
        if (tasks.isEmpty()) {
            throw new CliException(ExitCode.FAILURE, file + " holds no tasks");
        }
        return tasks;
    }

    private static EvalTask read(String line, String place) {
        try {
            if (Json.parse(line, Path.of("task")) instanceof Map<?, ?> map) {
                return new EvalTask(
                        text(map, "task", place),
                        text(map, "label", place),
                        text(map, "prompt", place),
                        text(map, "answer", place),
                        place);
            }
        } catch (ModelFormatException e) {
            throw new CliException(ExitCode.FAILURE, place + " is no JSON: " + e.getMessage(), e);
        }
        throw new CliException(ExitCode.FAILURE, place + " is no JSON object");
    }

    private static String text(Map<?, ?> map, String key, String place) {
        if (map.get(key) instanceof String text) {
            return text;
        }
        throw new CliException(ExitCode.FAILURE, place + " has no text \"" + key + "\"");
    }
}
