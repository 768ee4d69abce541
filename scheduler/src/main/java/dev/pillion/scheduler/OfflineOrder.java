package dev.pillion.scheduler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The order in which a batch of prompts known in advance is best run (after BatchLLM, Zheng et al., 2024).
 *
 * <p>All prompts are put into a prefix trie, which here is their lexicographic order: prompts with a common prefix are
 * neighbours in it, whatever the prefix's length. Prompts that share at least a block form a group and run one after
 * the other, so that the shared blocks are computed once, while they are still in the cache, and can be dropped when
 * the group is through. Groups with much to generate for little prompt come first: their decodes then have the prompts
 * of later groups to ride on, instead of running alone at the end.
 *
 * @param order indices of the prompts, first to run first
 * @param groupStarts places in {@code order} at which a group begins
 * @param promptTokens tokens of all prompts
 * @param sharedTokens of these, tokens in full blocks that an earlier prompt of the order has too: what a cache that
 *     forgets nothing saves, and no order can save more. Each prompt's last token is always computed
 */
public record OfflineOrder(int[] order, int[] groupStarts, long promptTokens, long sharedTokens) {
    /** Takes copies of the arrays. */
    public OfflineOrder {
        order = order.clone();
        groupStarts = groupStarts.clone();
    }

    /** Indices of the prompts, first to run first; a copy. */
    @Override
    public int[] order() {
        return order.clone();
    }

    /** Places in the order at which a group begins; a copy. */
    @Override
    public int[] groupStarts() {
        return groupStarts.clone();
    }

    private record Group(int from, int to, double decodePerPrefill) {
    }

    /**
     * Orders prompts.
     *
     * @param prompts the prompts' tokens
     * @param expectedTokens tokens each is expected to generate, its limit if nothing better is known
     * @param blockTokens tokens per KV block
     */
    public static OfflineOrder of(List<int[]> prompts, int[] expectedTokens, int blockTokens) {
        if (prompts.size() != expectedTokens.length || blockTokens < 1) {
            throw new IllegalArgumentException(prompts.size() + " prompts, " + expectedTokens.length
                    + " expected lengths, blocks of " + blockTokens);
        }
        Integer[] sorted = new Integer[prompts.size()];
        Arrays.setAll(sorted, i -> i);
        Arrays.sort(sorted, (a, b) -> Arrays.compare(prompts.get(a), prompts.get(b)));

        List<Group> groups = new ArrayList<>();
        long allTokens = 0;
        long allShared = 0;
        for (int from = 0; from < sorted.length; ) {
            int to = from;
            long decode = 0;
            long prefill = 0;
            int shared = 0;
            do {
                int[] prompt = prompts.get(sorted[to]);
                decode += expectedTokens[sorted[to]];
                prefill += prompt.length - shared;
                allTokens += prompt.length;
                allShared += shared;
                to++;
                shared = to < sorted.length ? sharedTokens(prompt, prompts.get(sorted[to]), blockTokens) : 0;
            } while (shared > 0);
            groups.add(new Group(from, to, (double) decode / Math.max(1, prefill)));
            from = to;
        }
        groups.sort(Comparator.comparingDouble(Group::decodePerPrefill).reversed());
        return join(groups, sorted, allTokens, allShared);
    }

    private static OfflineOrder join(List<Group> groups, Integer[] sorted, long promptTokens, long sharedTokens) {
        int[] order = new int[sorted.length];
        int[] starts = new int[groups.size()];
        int at = 0;
        for (int g = 0; g < starts.length; g++) {
            starts[g] = at;
            for (int i = groups.get(g).from; i < groups.get(g).to; i++) {
                order[at++] = sorted[i];
            }
        }
        return new OfflineOrder(order, starts, promptTokens, sharedTokens);
    }

    /** Tokens in full blocks that {@code next} can take from {@code before}, its own last token never among them. */
    private static int sharedTokens(int[] before, int[] next, int blockTokens) {
        int differ = Arrays.mismatch(before, next);
        int common = differ < 0 ? next.length : differ;
        return Math.min(common, Math.max(0, next.length - 1)) / blockTokens * blockTokens;
    }
}
