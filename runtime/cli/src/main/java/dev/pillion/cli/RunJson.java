package dev.pillion.cli;

import dev.pillion.Completion;
import dev.pillion.GenerationResult;
import dev.pillion.sampling.TokenLogprob;
import dev.pillion.sampling.TokenLogprobs;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A generation as {@code pillion run --json} prints it. */
final class RunJson {
    private RunJson() {}

    static Map<String, Object> of(String model, GenerationResult result) {
        Completion completion = result.completions().getFirst();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("model", model);
        json.put("text", completion.text());
        json.put("tokens", completion.tokens());
        json.put("finish_reason", completion.finishReason().name().toLowerCase(Locale.ROOT));
        json.put("prompt_tokens", result.promptTokens());
        json.put("cached_tokens", result.cachedTokens());
        json.put("seed", result.seed());
        json.put("timing", timing(result.timing()));
        if (!completion.logprobs().isEmpty()) {
            json.put("logprobs", completion.logprobs().stream().map(RunJson::position).toList());
        }
        return json;
    }

    private static Map<String, Object> timing(GenerationResult.Timing timing) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("queued_ms", milliseconds(timing.queued()));
        json.put("first_token_ms", milliseconds(timing.firstToken()));
        json.put("total_ms", milliseconds(timing.total()));
        return json;
    }

    private static Map<String, Object> position(TokenLogprobs logprobs) {
        Map<String, Object> json = token(logprobs.chosen());
        List<Map<String, Object>> top = logprobs.top().stream().map(RunJson::token).toList();
        json.put("top", top);
        return json;
    }

    private static Map<String, Object> token(TokenLogprob logprob) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("token", logprob.token());
        json.put("logprob", logprob.logprob());
        return json;
    }

    private static double milliseconds(Duration duration) {
        return duration.toNanos() / 1e6;
    }
}
