package dev.pillion.sampling;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The specification of the filters, written for reading: boxed, sorting everything, renormalising after each step. It
 * shares no code with the sampler.
 */
final class ReferenceChain {
    /** A token with its (float) logit and its probability at this stage. */
    private record Entry(int token, float logit, double probability) {}

    private ReferenceChain() {}

    /** Token to final probability, ascending by token, of what temperature and filters leave of a row of logits. */
    static Map<Integer, Double> distribution(SamplingParams params, float[] logits) {
        List<Entry> entries = softmax(logits, params.temperature());
        if (params.topK() > 0) {
            entries = renormalised(sortedByLogit(entries).subList(0, Math.min(params.topK(), entries.size())));
        }
        if (params.topP() < 1) {
            entries = renormalised(shortestPrefix(sortedByLogit(entries), params.topP()));
        }
        double highest = entries.stream().mapToDouble(Entry::probability).max().orElseThrow();
        entries = renormalised(
                entries.stream().filter(e -> e.probability() / highest >= params.minP()).toList());
        if (params.typicalP() < 1) {
            entries = renormalised(shortestPrefix(sortedByTypicality(entries), params.typicalP()));
        }
        Map<Integer, Double> distribution = new TreeMap<>();
        entries.forEach(e -> distribution.put(e.token(), e.probability()));
        return distribution;
    }

    private static List<Entry> softmax(float[] logits, double temperature) {
        double highest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            highest = Math.max(highest, logit);
        }
        List<Entry> entries = new ArrayList<>();
        for (int token = 0; token < logits.length; token++) {
            if (logits[token] > Float.NEGATIVE_INFINITY) {
                entries.add(new Entry(token, logits[token], Math.exp((logits[token] - highest) / temperature)));
            }
        }
        return renormalised(entries);
    }

    private static List<Entry> renormalised(List<Entry> entries) {
        double sum = entries.stream().mapToDouble(Entry::probability).sum();
        return entries.stream().map(e -> new Entry(e.token(), e.logit(), e.probability() / sum)).toList();
    }

    private static List<Entry> sortedByLogit(List<Entry> entries) {
        return entries.stream()
                .sorted(Comparator.comparingDouble((Entry e) -> 0.0 - e.logit()).thenComparingInt(Entry::token))
                .toList();
    }

    private static List<Entry> sortedByTypicality(List<Entry> entries) {
        double entropy = entries.stream()
                .filter(e -> e.probability() > 0)
                .mapToDouble(e -> -e.probability() * Math.log(e.probability()))
                .sum();
        Map<Entry, Float> distance = new LinkedHashMap<>();
        entries.forEach(e -> distance.put(e, (float) Math.abs(-Math.log(e.probability()) - entropy)));
        return entries.stream()
                .sorted(Comparator.comparingDouble((Entry e) -> distance.get(e)).thenComparingInt(Entry::token))
                .toList();
    }

    /** Entries up to and with the one at which the sum of probabilities reaches {@code p}. */
    private static List<Entry> shortestPrefix(List<Entry> sorted, double p) {
        double sum = 0;
        for (int i = 0; i < sorted.size(); i++) {
            sum += sorted.get(i).probability();
            if (sum >= p) {
                return sorted.subList(0, i + 1);
            }
        }
        return sorted;
    }
}
