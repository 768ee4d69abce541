package dev.pillion.cli;

import dev.pillion.GenerationRequest;
import dev.pillion.GenerationRequest.Prompt;
import dev.pillion.model.ModelFormatException;
import dev.pillion.model.json.Json;
import dev.pillion.model.tokenizer.EncodeOptions;
import dev.pillion.sampling.SamplingParameterException;
import dev.pillion.sampling.SamplingParams;
import dev.pillion.sampling.StopConditions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One request of a batch file.
 *
 * @param id the caller's name for it, a text or a number
 * @param request what to generate
 */
record BatchItem(Optional<Object> id, GenerationRequest request) {
    /**
     * What a line that does not say otherwise gets.
     *
     * @param sampling how tokens are drawn
     * @param stop when to stop
     * @param encoding what to do about special tokens in prompts
     */
    record Defaults(SamplingParams sampling, StopConditions stop, EncodeOptions encoding) {}

    /** Takes one field of a line. */
    private interface Field {
        void read(LineReader line, Object value);
    }

    /** Sorted, for the message that names them all. */
    private static final Map<String, Field> FIELDS = new TreeMap<>(Map.ofEntries(
            Map.entry("id", (line, value) -> line.id = line.id(value)),
            Map.entry("prompt", (line, value) -> line.text = line.text("prompt", value)),
            Map.entry("tokens", (line, value) -> line.tokens = line.ids("tokens", value)),
            Map.entry("max_tokens", (line, value) -> line.stop.maxTokens(line.integer("max_tokens", value))),
            Map.entry("min_tokens", (line, value) -> line.stop.minTokens(line.integer("min_tokens", value))),
            Map.entry("stop", (line, value) -> line.stop.stopStrings(line.texts("stop", value))),
            Map.entry("stop_tokens", (line, value) -> line.stop.stopTokenIds(line.idSet("stop_tokens", value))),
            Map.entry("ignore_eos", (line, value) -> line.stop.ignoreEos(line.flag("ignore_eos", value))),
            Map.entry("temperature", (line, value) -> line.temperature(line.number("temperature", value))),
            Map.entry("top_k", (line, value) -> line.sampling.topK(line.integer("top_k", value))),
            Map.entry("top_p", (line, value) -> line.sampling.topP(line.number("top_p", value))),
            Map.entry("min_p", (line, value) -> line.sampling.minP(line.number("min_p", value))),
            Map.entry("repetition_penalty", (line, value) ->
                    line.sampling.repetitionPenalty(line.number("repetition_penalty", value))),
            Map.entry("frequency_penalty", (line, value) ->
                    line.sampling.frequencyPenalty(line.number("frequency_penalty", value))),
            Map.entry("presence_penalty", (line, value) ->
                    line.sampling.presencePenalty(line.number("presence_penalty", value))),
            Map.entry("seed", (line, value) -> line.sampling.seed(line.whole("seed", value)))));

    private static final Set<String> FILTERS = Set.of("top_k", "top_p", "min_p");

    /** Reads a JSON-lines text; empty lines are passed over and do not count. */
    static List<BatchItem> readAll(String text, String file, Defaults defaults) {
        List<BatchItem> items = new ArrayList<>();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                items.add(new LineReader(file + " line " + (i + 1), defaults).read(lines.get(i)));
            }
        }
        if (items.isEmpty()) {
            throw new CliException(ExitCode.FAILURE, file + " holds no requests");
        }
        return items;
    }

    /** Collects what one line says. */
    private static final class LineReader {
        private final String place;
        private final Defaults defaults;
        private final SamplingParams.Builder sampling;
        private final StopConditions.Builder stop;
        private Optional<Object> id = Optional.empty();
        private @Nullable String text;
        private int @Nullable [] tokens;

        LineReader(String place, Defaults defaults) {
            this.place = place;
            this.defaults = defaults;
            this.sampling = drawing(defaults.sampling()).toBuilder();
            this.stop = defaults.stop().toBuilder();
        }

        BatchItem read(String line) {
            try {
                Map<String, @Nullable Object> fields = object(line);
                fields.forEach(this::readField);
                return new BatchItem(id, request(isGreedy(fields)));
            } catch (SamplingParameterException e) {
                throw new CliException(ExitCode.FAILURE, place + ": " + e.getMessage(), e);
            }
        }

        private Map<String, @Nullable Object> object(String line) {
            try {
                if (Json.parse(line, Path.of("request")) instanceof Map<?, ?> map) {
                    return Json.object(map);
                }
            } catch (ModelFormatException e) {
                throw new CliException(ExitCode.FAILURE, place + " is no JSON: " + e.getMessage(), e);
            }
            throw wrong("is no JSON object");
        }

        private void readField(String name, @Nullable Object value) {
            Field field = FIELDS.get(name);
            if (field == null) {
                throw wrong("has an unknown field \"" + name + "\"; known are " + String.join(", ", FIELDS.keySet()));
            }
            if (value != null) {
                field.read(this, value);
            }
        }

        private GenerationRequest request(boolean greedy) {
            if ((text == null) == (tokens == null)) {
                throw wrong("needs either \"prompt\", a text, or \"tokens\", an array of ids");
            }
            Prompt prompt = text == null ? new Prompt.Tokens(tokens) : new Prompt.Text(text, defaults.encoding());
            SamplingParams params = greedy ? sampling.greedy().build() : sampling.build();
            return GenerationRequest.builder(prompt).sampling(params).stop(stop.build()).build();
        }

        /** The same parameters for draws; greedy ones say nothing of whether a line may draw. */
        private static SamplingParams drawing(SamplingParams p) {
            return new SamplingParams(
                    false, p.temperature(), p.topK(), p.topP(), p.minP(), p.typicalP(), p.repetitionPenalty(),
                    p.repetitionWindow(), p.frequencyPenalty(), p.presencePenalty(), p.logitBias(), p.seed(),
                    p.logprobs());
        }

        /**
         * As on the command line: temperature 0 takes the most likely token; a filter without temperature draws at 1.
         */
        private boolean isGreedy(Map<String, ?> fields) {
            if (fields.get("temperature") instanceof Number temperature) {
                return temperature.doubleValue() == 0;
            }
            boolean filtered = FILTERS.stream().anyMatch(name -> fields.get(name) != null);
            return !filtered && defaults.sampling().isGreedy();
        }

        private void temperature(double value) {
            if (value != 0) {
                sampling.temperature(value);
            }
        }

        private Optional<Object> id(Object value) {
            if (value instanceof String || value instanceof Long) {
                return Optional.of(value);
            }
            throw wrong("\"id\" is no text and no whole number");
        }

        private String text(String name, Object value) {
            if (value instanceof String found) {
                return found;
            }
            throw wrong("\"" + name + "\" is no text");
        }

        private double number(String name, Object value) {
            if (value instanceof Number found) {
                return found.doubleValue();
            }
            throw wrong("\"" + name + "\" is no number");
        }

        private long whole(String name, Object value) {
            if (value instanceof Long found) {
                return found;
            }
            throw wrong("\"" + name + "\" is no whole number");
        }

        private int integer(String name, Object value) {
            long found = whole(name, value);
            if (found < 0 || found > Integer.MAX_VALUE) {
                throw wrong("\"" + name + "\" is " + found + "; give 0 to " + Integer.MAX_VALUE);
            }
            return (int) found;
        }

        private boolean flag(String name, Object value) {
            if (value instanceof Boolean found) {
                return found;
            }
            throw wrong("\"" + name + "\" is neither true nor false");
        }

        private int[] ids(String name, Object value) {
            if (value instanceof List<?> list) {
                return list.stream().mapToInt(id -> integer(name, id == null ? "null" : id)).toArray();
            }
            throw wrong("\"" + name + "\" is no array of token ids");
        }

        private Set<Integer> idSet(String name, Object value) {
            Set<Integer> set = new LinkedHashSet<>();
            for (int id : ids(name, value)) {
                set.add(id);
            }
            return set;
        }

        private List<String> texts(String name, Object value) {
            if (value instanceof List<?> list) {
                return list.stream().map(entry -> text(name, entry == null ? false : entry)).toList();
            }
            return List.of(text(name, value));
        }

        private CliException wrong(String problem) {
            return new CliException(ExitCode.FAILURE, place + " " + problem);
        }
    }
}
