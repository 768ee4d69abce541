package dev.pillion.engine;

import dev.pillion.memory.BlockTable;
import dev.pillion.scheduler.BatchPlan;
import java.util.Arrays;

/**
 * Finds segments of a step whose sequences begin with the same KV blocks, and puts them next to each other, so that the
 * backend can read those blocks once for all of them (Hydragen, section 3).
 *
 * <p>Sequences that share a prefix through the prefix cache or a fork hold the same block numbers, so equality of numbers is
 * all there is to compare. Segments are gathered by their first block; within those, the first one leads a group, and
 * joins with it whoever has at least half of the longest run in common with it; the rest is gathered again. A group shares
 * the shortest run among its members.
 *
 * <p>Only full blocks that were computed before this step count. Nothing is allocated after construction.
 */
final class PrefixGroups {
    private final int[] order;
    private final int[] groupStart;
    private final int[] sharedBlocks;
    private final int[] runs;
    private final boolean[] placed;
    private int groups;
    private int size;

    /** Makes room for steps of at most {@code segments} segments. */
    PrefixGroups(int segments) {
        order = new int[segments];
        groupStart = new int[segments + 1];
        sharedBlocks = new int[segments];
        runs = new int[segments];
        placed = new boolean[segments];
    }

    /** Groups the segments of a plan. */
    void find(BatchPlan plan) {
        groups = 0;
        size = 0;
        Arrays.fill(placed, 0, plan.size(), false);
        for (int leader = 0; leader < plan.size(); leader++) {
            if (!placed[leader]) {
                gather(plan, leader);
            }
        }
        groupStart[groups] = size;
    }

    /** Number of groups. */
    int groups() {
        return groups;
    }

    /** Place in the order where group {@code g} begins; {@code start(groups())} is the number of segments. */
    int start(int g) {
        return groupStart[g];
    }

    /** Leading blocks that the segments of group {@code g} have in common. */
    int sharedBlocks(int g) {
        return sharedBlocks[g];
    }

    /** Index in the plan of the segment at a place of the order. */
    int segment(int place) {
        return order[place];
    }

    private void gather(BatchPlan plan, int leader) {
        int longest = longestRun(plan, leader);
        groupStart[groups] = size;
        place(leader);
        int shared = longest == 0 ? 0 : Integer.MAX_VALUE;
        for (int i = leader + 1; longest > 0 && i < plan.size(); i++) {
            if (!placed[i] && 2 * runs[i] >= longest) {
                shared = Math.min(shared, runs[i]);
                place(i);
            }
        }
        sharedBlocks[groups++] = shared;
    }

    /** Writes to {@link #runs} what each segment that is not placed has in common with the leader. */
    private int longestRun(BatchPlan plan, int leader) {
        int most = computedBlocks(plan, leader);
        int longest = 0;
        if (most == 0) {
            return 0;
        }
        BlockTable table = plan.sequence(leader).blockTable();
        for (int i = leader + 1; i < plan.size(); i++) {
            if (!placed[i]) {
                runs[i] = commonRun(table, plan.sequence(i).blockTable(), Math.min(most, computedBlocks(plan, i)));
                longest = Math.max(longest, runs[i]);
            }
        }
        return longest;
    }

    private static int commonRun(BlockTable a, BlockTable b, int most) {
        int run = 0;
        while (run < most && a.block(run) == b.block(run)) {
            run++;
        }
        return run;
    }

    private static int computedBlocks(BatchPlan plan, int i) {
        return plan.start(i) / plan.sequence(i).blockTable().blockTokens();
    }

    private void place(int segment) {
        placed[segment] = true;
        order[size++] = segment;
    }
}
