package dev.pillion.conformance.kernels;

import dev.pillion.sampling.SamplingParams;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * How close a draw is to another answer. Goes through the chain with sorted lists and doubles, and keeps the smallest
 * distance, as a fraction of the weight, between a target (of top-p, of typical-p, of the draw) and a sum of weights
 * that would fall on the other side of it. A sum in other arithmetic may differ from the host's where that is tiny.
 */
final class DrawMargin {
    private static final double NEAR_TIE_OF_DISTANCE = 1e-5;

    private record Entry(int token, double scaled, double weight) {}

    private double margin = 1;
    private List<Entry> entries = new ArrayList<>();
    private int token = -1;

    private DrawMargin() {}

    /** Goes through the chain with adjusted logits, at least one of which is above -Infinity. */
    static DrawMargin of(SamplingParams params, int position, float[] logits) {
        DrawMargin chain = new DrawMargin();
        chain.load(logits, params.temperature());
        chain.keepTopK(params.topK());
        if (params.topP() < 1) {
            chain.entries.sort(BY_LOGIT);
            chain.keepFraction(params.topP());
        }
        chain.entries.removeIf(entry -> entry.weight < params.minP());
        if (params.typicalP() < 1) {
            chain.keepTypical(params.typicalP());
        }
        chain.draw(uniform(params.seed().orElseThrow(), position));
        return chain;
    }

    private static final Comparator<Entry> BY_ID = Comparator.comparingInt(Entry::token);
    private static final Comparator<Entry> BY_LOGIT =
            Comparator.comparingDouble(Entry::scaled).reversed().thenComparing(BY_ID);

    /** The smallest distance to another answer, as a fraction of the weight. */
    double margin() {
        return margin;
    }

    /** The token drawn in this arithmetic. */
    int token() {
        return token;
    }

    private void load(float[] logits, double temperature) {
        double highest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            highest = Math.max(highest, logit);
        }
        for (int i = 0; i < logits.length; i++) {
            double scaled = logits[i] == highest ? 0 : (logits[i] - highest) / temperature;
            if (scaled > Double.NEGATIVE_INFINITY) {
                entries.add(new Entry(i, scaled, Math.exp(scaled)));
            }
        }
    }

    private void keepTopK(int k) {
        if (k > 0 && k < entries.size()) {
            entries.sort(BY_LOGIT);
            entries = new ArrayList<>(entries.subList(0, k));
        }
    }

    private double total() {
        return entries.stream().mapToDouble(Entry::weight).sum();
    }

    /** Cuts the list where it has the fraction {@code p} of the weight; returns how many are kept. */
    private int keepFraction(double p) {
        double total = total();
        double target = p * total;
        double sum = 0;
        int kept = 0;
        while (kept < entries.size() && sum < target) {
            margin = Math.min(margin, kept == 0 ? 1 : (target - sum) / total);
            sum += entries.get(kept++).weight;
        }
        margin = Math.min(margin, Math.abs(sum - target) / total);
        entries = new ArrayList<>(entries.subList(0, kept));
        return kept;
    }

    private void keepTypical(double p) {
        double total = total();
        double expected = 0;
        for (Entry entry : entries) {
            expected += entry.weight / total * entry.scaled;
        }
        double centre = expected;
        entries.sort(Comparator.<Entry>comparingDouble(entry -> (float) Math.abs(centre - entry.scaled))
                .thenComparing(BY_ID));
        List<Entry> all = entries;
        int kept = keepFraction(p);
        // Entries at the same distance on both sides of the expected logit could change places.
        for (int i = 0; i < all.size(); i++) {
            Entry last = all.get(kept - 1);
            double apart = Math.abs(Math.abs(centre - all.get(i).scaled) - Math.abs(centre - last.scaled));
            if (all.get(i).scaled != last.scaled && apart < NEAR_TIE_OF_DISTANCE) {
                margin = 0;
            }
        }
    }

    private void draw(double u) {
        entries.sort(BY_ID);
        double total = total();
        double sum = 0;
        for (Entry entry : entries) {
            sum += entry.weight;
            margin = Math.min(margin, Math.abs(sum - u * total) / total);
            if (token < 0 && sum > u * total) {
                token = entry.token;
            }
        }
    }

    /** The host's random number for a seed and a position. */
    private static double uniform(long seed, int position) {
        return (mix(mix(seed) + (position + 1L) * 0x9E3779B97F4A7C15L) >>> 11) * 0x1.0p-53;
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
