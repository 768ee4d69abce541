package dev.pillion.cli;

import dev.pillion.GenerationResult;
import java.time.Duration;
import java.util.Locale;

/** The closing line of a generation. */
final class GenerationSummary {
    private GenerationSummary() {}

    /** Tokens, time to first token, and the rate from the first token to the last. */
    static String of(GenerationResult result) {
        int tokens = result.generatedTokens();
        GenerationResult.Timing timing = result.timing();
        String summary = String.format(
                Locale.ROOT,
                "%d prompt tokens, %d generated in %.2f s (%s); first token after %.1f ms (TTFT)",
                result.promptTokens(),
                tokens,
                seconds(timing.total()),
                result.finishReason().name().toLowerCase(Locale.ROOT),
                seconds(timing.firstToken()) * 1e3);
        double decodeSeconds = seconds(timing.total().minus(timing.firstToken()));
        return tokens > 1 && decodeSeconds > 0
                ? summary + String.format(Locale.ROOT, ", then %.1f tok/s", (tokens - 1) / decodeSeconds)
                : summary;
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
