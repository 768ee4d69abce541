package dev.pillion.kernels.virtual;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A weak topological order of basic blocks (Bourdoncle, "Efficient chaotic iteration strategies with widenings", 1993):
 * edges lead from lower to higher numbers but for those back to the head of a loop, and the blocks of a loop have
 * numbers in a row. So lanes that left a loop, or took the shorter way round a branch, wait at a higher number than the
 * others can be at. Edges back to a head pass a block of their own at the end of the loop, where the lanes of one
 * iteration gather before the next.
 */
final class BlockOrder {
    private final int[][] successors;
    private final List<Integer> order = new ArrayList<>();
    private final List<Integer> latchHeads = new ArrayList<>();
    private final Map<Long, Integer> redirected = new HashMap<>();

    /**
     * Orders blocks.
     *
     * @param successors successors of each block; block 0 is the entry
     */
    BlockOrder(int[][] successors) {
        this.successors = successors;
        BitSet all = new BitSet();
        all.set(0, successors.length);
        order(all, List.of(0), -1);
    }

    /** Blocks in their order; numbers from {@link #blocks()} on are latches. Unreachable blocks are left out. */
    List<Integer> order() {
        return order;
    }

    /** Number of blocks that are no latches. */
    int blocks() {
        return successors.length;
    }

    /** Head that a latch leads to. */
    int head(int latch) {
        return latchHeads.get(latch - successors.length);
    }

    /** Where an edge leads once the latches are in. */
    int target(int from, int to) {
        return redirected.getOrDefault(key(from, to), to);
    }

    private static long key(int from, int to) {
        return (long) from << 32 | to;
    }

    /** Appends the blocks of a set, whose edges to a head do not count. */
    private void order(BitSet nodes, Iterable<Integer> roots, int head) {
        List<List<Integer>> components = new Components(nodes, head).from(roots);
        for (int i = components.size() - 1; i >= 0; i--) {
            List<Integer> component = components.get(i);
            int first = component.getFirst();
            if (component.size() == 1) {
                order.add(first);
            } else {
                loop(component);
            }
        }
    }

    private void loop(List<Integer> component) {
        BitSet inside = new BitSet();
        component.forEach(inside::set);
        // The search met this one first: it is where the loop is entered.
        int head = component.getLast();
        order.add(head);
        inside.clear(head);
        order(inside, () -> Arrays.stream(successors[head]).filter(inside::get).iterator(), head);
        List<Integer> sources = component.stream()
                .filter(n -> Arrays.stream(successors[n]).anyMatch(s -> s == head)).toList();
        if (sources.size() == 1 && sources.getFirst().equals(order.getLast())) {
            return;
        }
        int latch = successors.length + latchHeads.size();
        latchHeads.add(head);
        order.add(latch);
        for (int source : sources) {
            redirected.put(key(source, head), latch);
        }
    }

    /** Strongly connected components (Tarjan, 1972), without recursion since kernels can be long. */
    private final class Components {
        private final BitSet nodes;
        private final int head;
        private final int[] number = new int[successors.length];
        private final int[] low = new int[successors.length];
        private final int[] edge = new int[successors.length];
        private final BitSet open = new BitSet();
        private final Deque<Integer> stack = new ArrayDeque<>();
        private final List<List<Integer>> found = new ArrayList<>();
        private int count;

        Components(BitSet nodes, int head) {
            this.nodes = nodes;
            this.head = head;
        }

        /** Components that can be reached, last ones first; in each the one met first is the last. */
        List<List<Integer>> from(Iterable<Integer> roots) {
            for (int root : roots) {
                if (number[root] == 0) {
                    search(root);
                }
            }
            return found;
        }

        private void search(int root) {
            Deque<Integer> path = new ArrayDeque<>();
            enter(root, path);
            while (!path.isEmpty()) {
                int node = path.peek();
                if (edge[node] < successors[node].length) {
                    int next = successors[node][edge[node]++];
                    if (next == head || !nodes.get(next)) {
                        continue;
                    }
                    if (number[next] == 0) {
                        enter(next, path);
                    } else if (open.get(next)) {
                        low[node] = Math.min(low[node], number[next]);
                    }
                } else {
                    leave(node, path);
                }
            }
        }

        private void enter(int node, Deque<Integer> path) {
            number[node] = ++count;
            low[node] = count;
            open.set(node);
            stack.push(node);
            path.push(node);
        }

        private void leave(int node, Deque<Integer> path) {
            path.pop();
            if (!path.isEmpty()) {
                low[path.peek()] = Math.min(low[path.peek()], low[node]);
            }
            if (low[node] == number[node]) {
                List<Integer> component = new ArrayList<>();
                int member;
                do {
                    member = stack.pop();
                    open.clear(member);
                    component.add(member);
                } while (member != node);
                found.add(component);
            }
        }
    }
}
