package dev.pillion.conformance;

import dev.pillion.model.json.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Reference outputs of one model for one prompt.
 *
 * @param ids prompt token ids
 * @param logits all logits after the prompt's last token
 * @param greedyIds greedy continuation
 * @param greedyMargins for each greedy token, how far the best logit lies above the second
 */
record Golden(int[] ids, double[] logits, int[] greedyIds, double[] greedyMargins) {
    /** Reads the prompts of a golden.json. */
    static List<Golden> read(Path file) {
        List<?> prompts = (List<?>) Json.parseObject(file).get("prompts");
        return prompts.stream().map(prompt -> of((Map<?, ?>) prompt)).toList();
    }

    private static Golden of(Map<?, ?> prompt) {
        return new Golden(
                ints(prompt.get("ids")),
                doubles(prompt.get("logits_last")),
                ints(prompt.get("greedy_ids")),
                doubles(prompt.get("greedy_margins")));
    }

    static int[] ints(Object list) {
        return ((List<?>) list).stream().mapToInt(value -> ((Number) value).intValue()).toArray();
    }

    static double[] doubles(Object list) {
        return ((List<?>) list).stream().mapToDouble(value -> ((Number) value).doubleValue()).toArray();
    }
}
