package dev.pillion.cli;

import dev.pillion.model.ModelFormatException;
import dev.pillion.model.json.Json;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Options of a command from a file: Java properties, or one JSON object. Keys are the names of options without their hyphens in
 * front; an option given several times is an array in JSON. What the command line says too counts there.
 */
final class OptionFile {
    private final Path file;
    private final Map<String, List<String>> values;

    private OptionFile(Path file, Map<String, List<String>> values) {
        this.file = file;
        this.values = values;
    }

    /** The file's name without what follows the last dot. */
    static String nameOf(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.lastIndexOf('.') > 0 ? name.substring(0, name.lastIndexOf('.')) : name;
    }

    /** Reads a file; it is JSON if it begins with a brace. */
    static OptionFile read(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new CliException(ExitCode.USAGE, file + " is not UTF-8 text", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new OptionFile(file, text.stripLeading().startsWith("{") ? json(file, text) : properties(file, text));
    }

    private static Map<String, List<String>> properties(Path file, String text) {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(text));
        } catch (IOException | IllegalArgumentException e) {
            throw new CliException(ExitCode.USAGE, file + " holds no properties: " + e.getMessage(), e);
        }
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (String key : new TreeSet<>(properties.stringPropertyNames())) {
            values.put(key, List.of(properties.getProperty(key).strip()));
        }
        return values;
    }

    private static Map<String, List<String>> json(Path file, String text) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        try {
            Json.object((Map<?, ?>) Json.parse(text, file)).forEach((key, value) -> {
                List<String> list = new ArrayList<>();
                for (Object item : value instanceof List<?> items ? items : Collections.singletonList(value)) {
                    if (!(item instanceof String || item instanceof Number || item instanceof Boolean)) {
                        throw new CliException(
                                ExitCode.USAGE, file + ": " + key + " is no text, number or boolean, nor an array of such");
                    }
                    list.add(item instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15
                            ? String.valueOf(number.longValue())
                            : item.toString());
                }
                values.put(key, list);
            });
        } catch (ModelFormatException e) {
            throw new CliException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
        }
        return values;
    }

    /**
     * Fills options from the file and then from the command line.
     *
     * @param options an object with picocli's annotations, fresh
     * @param given the parsed command line; of its options those that {@code options} has count
     */
    <T> T fill(T options, ParseResult given) {
        CommandLine line = new CommandLine(options)
                .setOverwrittenOptionsAllowed(true)
                .setCaseInsensitiveEnumValuesAllowed(true);
        List<String> arguments = new ArrayList<>();
        values.forEach((key, list) -> {
            OptionSpec option = line.getCommandSpec().findOption("--" + key);
            boolean overridden = option != null && given.hasMatchedOption("--" + key);
            if (option == null) {
                throw new CliException(ExitCode.USAGE, file + ": no option \"" + key + "\" here; known are " + known(line));
            }
            if (!overridden) {
                list.forEach(value -> arguments.add("--" + key + "=" + value));
            }
        });
        for (OptionSpec option : given.matchedOptions()) {
            if (line.getCommandSpec().findOption(option.longestName()) != null) {
                option.originalStringValues().forEach(value -> arguments.add(option.longestName() + "=" + value));
            }
        }
        try {
            line.parseArgs(arguments.toArray(String[]::new));
        } catch (ParameterException e) {
            throw new CliException(ExitCode.USAGE, file + ": " + e.getMessage(), e);
        }
        return options;
    }

    private static String known(CommandLine line) {
        TreeSet<String> names = new TreeSet<>();
        for (OptionSpec option : line.getCommandSpec().options()) {
            names.add(option.longestName().substring(2));
        }
        return String.join(", ", names);
    }
}
