package dev.pillion.cli;

import dev.pillion.GenerationResult;
import dev.pillion.PillionException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a service did. Times in milliseconds.
 *
 * @param seconds from the first request to the last answer
 * @param sent requests sent
 * @param answered of them, answered in full
 * @param refused refused because the queue was full
 * @param cutOff cancelled because the time was up
 * @param failed failed in another way
 * @param firstFailure why the first of those failed
 * @param inputTokens tokens of the answered prompts
 * @param outputTokens tokens of the answers
 * @param firstToken from the moment a request was due to its first token (TTFT)
 * @param betweenTokens between one token of an answer and the next (TBT)
 * @param queued from the sending to the first computation
 * @param endToEnd from the moment a request was due to its last token
 */
record LoadResult(
        double seconds,
        int sent,
        int answered,
        int refused,
        int cutOff,
        int failed,
        Optional<String> firstFailure,
        long inputTokens,
        long outputTokens,
        Percentiles firstToken,
        Percentiles betweenTokens,
        Percentiles queued,
        Percentiles endToEnd) {

    double requestsPerSecond() {
        return answered / seconds;
    }

    double inputTokensPerSecond() {
        return inputTokens / seconds;
    }

    double outputTokensPerSecond() {
        return outputTokens / seconds;
    }

    /** Collects what many threads saw. */
    static final class Builder {
        private final List<Double> firstToken = new ArrayList<>();
        private final List<Double> betweenTokens = new ArrayList<>();
        private final List<Double> queued = new ArrayList<>();
        private final List<Double> endToEnd = new ArrayList<>();
        private int sent;
        private int refused;
        private int cutOff;
        private int failed;
        private Optional<String> firstFailure = Optional.empty();
        private long inputTokens;
        private long outputTokens;

        synchronized void sent() {
            sent++;
        }

        synchronized void cutOff() {
            cutOff++;
        }

        synchronized void failed(PillionException failure) {
            if (failure.code() == PillionException.Code.QUEUE_FULL) {
                refused++;
            } else {
                failed++;
                firstFailure = firstFailure.or(() -> Optional.of(String.valueOf(failure.getMessage())));
            }
        }

        synchronized void answered(GenerationResult answer, List<Long> moments, long totalNanos) {
            inputTokens += answer.promptTokens();
            outputTokens += answer.generatedTokens();
            firstToken.add(moments.getFirst() / 1e6);
            for (int i = 1; i < moments.size(); i++) {
                betweenTokens.add((moments.get(i) - moments.get(i - 1)) / 1e6);
            }
            queued.add(answer.timing().queued().toNanos() / 1e6);
            endToEnd.add(totalNanos / 1e6);
        }

        synchronized LoadResult build(double seconds) {
            return new LoadResult(
                    seconds, sent, endToEnd.size(), refused, cutOff, failed, firstFailure, inputTokens, outputTokens,
                    percentiles(firstToken), percentiles(betweenTokens), percentiles(queued), percentiles(endToEnd));
        }

        private static Percentiles percentiles(List<Double> values) {
            return new Percentiles(values.stream().mapToDouble(Double::doubleValue).toArray());
        }
    }
}
