package dev.pillion.cli;

import dev.pillion.model.ModelFormatException;
import dev.pillion.model.json.Json;
import java.nio.file.Path;
import java.util.List;

/** Token ids on the command line: {@code 1,2,3}, or a JSON array. */
final class TokenIds {
    private TokenIds() {}

    /**
     * Reads ids; whether the model has them is the model's to say.
     *
     * @throws CliException if the text is no list of ids
     */
    static int[] parse(String text) {
        String stripped = text.strip();
        return stripped.startsWith("[") ? parseJson(stripped) : parseList(stripped);
    }

    private static int[] parseJson(String text) {
        Object value;
        try {
            value = Json.parse(text, Path.of("ids"));
        } catch (ModelFormatException e) {
            throw new CliException(ExitCode.USAGE, "token ids are no JSON array of numbers: " + e.getMessage(), e);
        }
        if (!(value instanceof List<?> list)) {
            throw new CliException(ExitCode.USAGE, "token ids are no JSON array of numbers");
        }
        return list.stream().mapToInt(TokenIds::id).toArray();
    }

    private static int[] parseList(String text) {
        if (text.isEmpty()) {
            return new int[0];
        }
        String[] parts = text.split("[,\\s]+", -1);
        int[] ids = new int[parts.length];
        for (int i = 0; i < parts.length; i++) {
            try {
                ids[i] = id(Long.valueOf(parts[i]));
            } catch (NumberFormatException e) {
                throw new CliException(ExitCode.USAGE, "\"" + parts[i] + "\" is no token id; give 1,2,3 or [1,2,3]", e);
            }
        }
        return ids;
    }

    private static int id(Object value) {
        if (value instanceof Long id && id >= 0 && id <= Integer.MAX_VALUE) {
            return id.intValue();
        }
        throw new CliException(ExitCode.USAGE, value + " is no token id; ids are whole numbers from 0");
    }
}
