package dev.pillion.conformance.kernels;

import dev.pillion.kernels.SampleAdjustments;
import dev.pillion.kernels.SampleRow;
import dev.pillion.sampling.Sampler;
import dev.pillion.sampling.SamplerScratch;
import dev.pillion.sampling.SamplingParams;
import dev.pillion.sampling.StopConditions;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** One random row of logits with the request that samples it, for the host's sampler and for the kernels. */
final class SampledRow {
    final SamplingParams params;
    final StopConditions stops;
    final int[] prompt;
    final int[] generated;
    final float[] logits;

    SampledRow(SamplingParams params, StopConditions stops, int[] prompt, int[] generated, float[] logits) {
        this.params = params;
        this.stops = stops;
        this.prompt = prompt;
        this.generated = generated;
        this.logits = logits;
    }

    /** A row with any combination of parameters. */
    static SampledRow random(SplittableRandom random, int vocabulary, boolean greedy) {
        SamplingParams.Builder params = SamplingParams.builder().seed(random.nextLong());
        if (greedy) {
            params.greedy();
        }
        double[] temperatures = {1, 0.7, 0.2, 1.6, 20};
        params.temperature(temperatures[random.nextInt(temperatures.length)]);
        if (random.nextInt(3) == 0) {
            int[] counts = {1, 2, 40, 600, vocabulary - 1, vocabulary, vocabulary + 7};
            params.topK(Math.max(1, counts[random.nextInt(counts.length)]));
        }
        if (random.nextInt(2) == 0) {
            params.topP(random.nextInt(4) == 0 ? 0.5 : 0.05 + 0.94 * random.nextDouble());
        }
        if (random.nextInt(3) == 0) {
            params.minP(random.nextInt(4) == 0 ? 1 : 0.3 * random.nextDouble());
        }
        if (random.nextInt(3) == 0) {
            params.typicalP(0.1 + 0.85 * random.nextDouble());
        }
        if (random.nextInt(3) == 0) {
            params.repetitionPenalty(0.7 + random.nextDouble());
            params.repetitionWindow(random.nextBoolean() ? 20 : SamplingParams.WHOLE_SEQUENCE);
        }
        if (random.nextInt(3) == 0) {
            params.frequencyPenalty(4 * random.nextDouble() - 2).presencePenalty(4 * random.nextDouble() - 2);
        }
        for (int i = random.nextInt(3) == 0 ? 8 : 0; i > 0; i--) {
            int token = random.nextInt(vocabulary);
            params.logitBias(token, i % 3 == 0 ? Double.NEGATIVE_INFINITY : 10 * random.nextDouble() - 5);
        }
        if (random.nextInt(2) == 0) {
            params.logprobs(random.nextInt(Math.min(SamplingParams.MAX_LOGPROBS, vocabulary) + 1));
        }
        StopConditions.Builder stops = StopConditions.builder().maxTokens(1000);
        if (random.nextInt(4) == 0) {
            stops.minTokens(random.nextInt(60)).stopTokenIds(Set.of(random.nextInt(vocabulary)));
        }
        int[] prompt = random.ints(random.nextInt(40), 0, vocabulary).toArray();
        // Few distinct tokens, so that counts grow.
        int[] generated = random.ints(random.nextInt(50), 0, Math.min(vocabulary, 30)).toArray();
        return new SampledRow(params.build(), stops.build(), prompt, generated, logits(random, vocabulary));
    }

    /** Logits of different spreads, some with many equals, some with infinities. */
    static float[] logits(SplittableRandom random, int vocabulary) {
        float[] logits = Cases.normal(random, vocabulary, 1 + 5 * random.nextDouble());
        switch (random.nextInt(6)) {
            case 0 -> {
                for (int i = 0; i < vocabulary; i++) {
                    logits[i] = Math.round(logits[i]);
                }
            }
            case 1 -> {
                for (int i = 0; i < vocabulary; i++) {
                    logits[i] = random.nextInt(3) > 0 ? Float.NEGATIVE_INFINITY : logits[i];
                }
                logits[random.nextInt(vocabulary)] = 1;
            }
            case 2 -> Arrays.fill(logits, (float) random.nextGaussian());
            case 3 -> {
                if (random.nextInt(4) == 0) {
                    logits[random.nextInt(vocabulary)] = Float.POSITIVE_INFINITY;
                    logits[random.nextInt(vocabulary)] = Float.POSITIVE_INFINITY;
                }
            }
            default -> { }
        }
        return logits;
    }

    /** The host's sampler, after the tokens generated so far. */
    Sampler sampler() {
        Sampler sampler = new Sampler(params, stops, Set.of(), logits.length, prompt);
        for (int token : generated) {
            sampler.accept(token);
        }
        return sampler;
    }

    /** The token that the host's sampler chooses. */
    int hostToken() {
        return sampler().sample(logits, 0, new SamplerScratch(logits.length));
    }

    /** Writes this request for the kernels. */
    void write(int index, SampleRow row, int adjustmentStart, int adjustmentCount) {
        row.begin(index, params.isGreedy() ? SampleRow.Mode.GREEDY : SampleRow.Mode.DRAW)
                .temperature(params.temperature()).topK(params.topK()).topP(params.topP()).minP(params.minP())
                .typicalP(params.typicalP()).repetitionPenalty(params.repetitionPenalty())
                .frequencyPenalty(params.frequencyPenalty()).presencePenalty(params.presencePenalty())
                .random(params.seed().orElseThrow(), generated.length).logprobs(params.logprobs().orElse(-1))
                .adjustments(adjustmentStart, adjustmentCount);
    }

    /** What happens to one logit. */
    private static final class Change {
        double bias;
        boolean banned;
        boolean seen;
        int generated;
    }

    /** Writes the adjustments from {@code start} on; returns how many there are. */
    int writeAdjustments(SampleAdjustments list, int start) {
        Map<Integer, Change> changes = changes();
        int at = start;
        for (Map.Entry<Integer, Change> entry : changes.entrySet()) {
            Change change = entry.getValue();
            list.put(at++, entry.getKey(), change.bias, change.banned, change.seen, change.generated);
        }
        return changes.size();
    }

    private Map<Integer, Change> changes() {
        Map<Integer, Change> changes = new TreeMap<>();
        params.logitBias().forEach((token, bias) -> {
            Change change = changes.computeIfAbsent(token, t -> new Change());
            change.banned = bias == Double.NEGATIVE_INFINITY;
            change.bias = change.banned ? 0 : bias;
        });
        if (generated.length < stops.minTokens()) {
            stops.stopTokenIds().forEach(token -> changes.computeIfAbsent(token, t -> new Change()).banned = true);
        }
        if (params.repetitionPenalty() != 1) {
            int[] all = Arrays.copyOf(prompt, prompt.length + generated.length);
            System.arraycopy(generated, 0, all, prompt.length, generated.length);
            int from = Math.max(0, all.length - params.repetitionWindow());
            for (int i = from; i < all.length; i++) {
                changes.computeIfAbsent(all[i], t -> new Change()).seen = true;
            }
        }
        if (params.frequencyPenalty() != 0 || params.presencePenalty() != 0) {
            for (int token : generated) {
                changes.computeIfAbsent(token, t -> new Change()).generated++;
            }
        }
        return changes;
    }

    /** The logits after bias, bans and penalties, as the host computes them. */
    float[] adjusted() {
        float[] row = logits.clone();
        changes().forEach((token, change) -> {
            float logit = change.banned ? Float.NEGATIVE_INFINITY : (float) (row[token] + change.bias);
            if (change.seen) {
                double penalty = params.repetitionPenalty();
                logit = (float) (logit > 0 ? logit / penalty : logit * penalty);
            }
            if (change.generated > 0) {
                logit -= (float) (change.generated * params.frequencyPenalty() + params.presencePenalty());
            }
            row[token] = logit;
        });
        return row;
    }

    @Override
    public String toString() {
        return logits.length + " logits, " + generated.length + " generated, " + params;
    }
}
