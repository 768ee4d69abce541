package dev.pillion.model.tokenizer;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads the {@code decoder} of a tokenizer.json.
 *
 * @param coding how the text of tokens is written
 * @param dropsFirstSpace whether the space that begins a decoded text is left out
 */
record DecoderJson(PieceCoding coding, boolean dropsFirstSpace) {
    /** Steps that change nothing here: joining tokens and assembling bytes is what decoding always does. */
    private static final List<String> IMPLIED = List.of("ByteFallback", "Fuse", "ByteLevel");

    static DecoderJson read(Optional<JsonFields> decoder, Optional<JsonFields> preTokenizer) {
        List<JsonFields> steps = decoder.map(DecoderJson::steps).orElse(List.of());
        boolean byteLevel = steps.stream().anyMatch(step -> isType(step, "ByteLevel"))
                || decoder.isEmpty() && preTokenizer.map(DecoderJson::steps).orElse(List.of()).stream()
                        .anyMatch(step -> isType(step, "ByteLevel"));
        boolean drops = false;
        for (JsonFields step : steps) {
            drops |= dropsFirstSpace(step);
        }
        return new DecoderJson(byteLevel ? PieceCoding.BYTE_LEVEL : PieceCoding.METASPACE, drops);
    }

    private static boolean dropsFirstSpace(JsonFields step) {
        String type = step.requiredString("type");
        if (IMPLIED.contains(type)) {
            return false;
        }
        String metaspace = String.valueOf(Metaspace.SPACE);
        return switch (type) {
            case "Replace" -> {
                require(step, "content", step.requiredString("content").equals(" ")
                        && step.object("pattern").flatMap(p -> p.string("String")).filter(metaspace::equals)
                        .isPresent());
                yield false;
            }
            case "Strip" -> {
                require(step, "content", step.requiredString("content").equals(" ")
                        && step.integer("stop").orElse(0) == 0 && step.integer("start").orElse(0) <= 1);
                yield step.integer("start").orElse(0) == 1;
            }
            case "Metaspace" -> {
                require(step, "replacement", step.string("replacement").orElse(metaspace).equals(metaspace));
                yield PreTokenizerJson.prefix(step) != Metaspace.Prefix.NEVER;
            }
            default -> throw step.fault("type", "is '" + type
                    + "', which is not supported; supported are Sequence, ByteLevel,"
                    + " Metaspace, Replace of U+2581 by a space, ByteFallback, Fuse, Strip of a first space");
        };
    }

    private static void require(JsonFields step, String field, boolean supported) {
        if (!supported) {
            throw step.fault(field,
                    "has a value that is not supported for this decoder; supported are Replace of U+2581 by a"
                    + " space, Strip of one first space, Metaspace with U+2581");
        }
    }

    private static boolean isType(JsonFields step, String type) {
        return step.requiredString("type").equals(type);
    }

    private static List<JsonFields> steps(JsonFields json) {
        if (!isType(json, "Sequence")) {
            return List.of(json);
        }
        return Stream.of("decoders", "pretokenizers")
                .flatMap(name -> json.objects(name).stream())
                .flatMap(step -> steps(step).stream())
                .toList();
    }
}
