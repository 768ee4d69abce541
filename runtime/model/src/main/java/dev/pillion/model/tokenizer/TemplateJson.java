package dev.pillion.model.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code post_processor} of a tokenizer.json: the tokens around a single text.
 *
 * @param before tokens before the text
 * @param after tokens after the text
 */
record TemplateJson(int[] before, int[] after) {
    static TemplateJson read(Optional<JsonFields> json, Vocabulary vocabulary) {
        return json.map(processor -> one(processor, vocabulary)).orElse(none());
    }

    static TemplateJson none() {
        return new TemplateJson(new int[0], new int[0]);
    }

    boolean isEmpty() {
        return before.length == 0 && after.length == 0;
    }

    private static TemplateJson one(JsonFields json, Vocabulary vocabulary) {
        String type = json.requiredString("type");
        return switch (type) {
            case "ByteLevel" -> none();
            case "Sequence" -> sequence(json, vocabulary);
            case "TemplateProcessing" -> template(json, vocabulary);
            case "BertProcessing", "RobertaProcessing" ->
                    new TemplateJson(pair(json, "cls", vocabulary), pair(json, "sep", vocabulary));
            default -> throw json.fault("type", "is '" + type
                    + "', which is not supported; supported are ByteLevel, Sequence,"
                    + " TemplateProcessing, BertProcessing, RobertaProcessing");
        };
    }

    private static TemplateJson sequence(JsonFields json, Vocabulary vocabulary) {
        TemplateJson whole = none();
        for (JsonFields step : json.objects("processors")) {
            TemplateJson outer = one(step, vocabulary);
            whole = new TemplateJson(concatenated(outer.before, whole.before), concatenated(whole.after, outer.after));
        }
        return whole;
    }

    private static TemplateJson template(JsonFields json, Vocabulary vocabulary) {
        List<Integer> before = new ArrayList<>();
        List<Integer> after = new ArrayList<>();
        boolean textSeen = false;
        for (JsonFields part : json.objects("single")) {
            Optional<JsonFields> special = part.object("SpecialToken");
            if (special.isPresent()) {
                (textSeen ? after : before).addAll(ids(json, special.get().requiredString("id"), vocabulary));
            } else if (part.object("Sequence").isPresent() && !textSeen) {
                textSeen = true;
            } else {
                throw json.fault("single", "is not special tokens around one text");
            }
        }
        return new TemplateJson(toArray(before), toArray(after));
    }

    private static List<Integer> ids(JsonFields json, String name, Vocabulary vocabulary) {
        JsonFields token = json.object("special_tokens").flatMap(tokens -> tokens.object(name))
                .orElseThrow(() -> json.fault("special_tokens", "does not say what '" + name + "' is"));
        List<Integer> ids = new ArrayList<>();
        for (Object id : token.list("ids")) {
            ids.add(checked(token, "ids", id, vocabulary));
        }
        return ids;
    }

    private static int[] pair(JsonFields json, String name, Vocabulary vocabulary) {
        List<?> pair = json.list(name);
        if (pair.size() != 2) {
            throw json.fault(name, "is not a token and its id");
        }
        return new int[] {checked(json, name, pair.get(1), vocabulary)};
    }

    private static int checked(JsonFields json, String name, @Nullable Object id, Vocabulary vocabulary) {
        if (!(id instanceof Long number) || number < 0 || number >= vocabulary.size()) {
            throw json.fault(name, "has the id " + id + " but there are " + vocabulary.size() + " tokens");
        }
        return Math.toIntExact(number);
    }

    private static int[] concatenated(int[] first, int[] second) {
        return IntStream.concat(IntStream.of(first), IntStream.of(second)).toArray();
    }

    private static int[] toArray(List<Integer> ids) {
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }
}
