package dev.pillion.engine;

import dev.pillion.scheduler.BatchPlan;
import dev.pillion.scheduler.TokenBudget;
import dev.pillion.simulator.InstanceModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Steps an engine took, and an instance of the simulator whose steps take as long as those did: for each step planned, one of
 * the few measured that are most like it, drawn at random. So neither a formula nor an average stands between the
 * measurement and the simulation.
 */
final class MeasuredSteps {
    private static final int ALIKE = 12;
    private static final int FEATURES = 4;

    /** A turn this much longer than its step waited for work, and says nothing of the host's time. */
    private static final long LONGEST_HOST_NANOS = 2_000_000;

    private final List<double[]> features = new ArrayList<>();
    private final List<long[]> nanos = new ArrayList<>();
    private long lastObserved;

    private static double[] features(BatchPlan plan) {
        return new double[] {
            Math.log(1 + plan.prefillTokens()),
            Math.log(1 + plan.decodeTokens()),
            Math.log(1 + plan.prefillWork()),
            Math.log(1 + plan.decodeContext())
        };
    }

    /** A budget that passes on what another one says and notes how long steps take. */
    TokenBudget recording(TokenBudget budget) {
        return new TokenBudget() {
            @Override
            public int maxTokens() {
                return budget.maxTokens();
            }

            @Override
            public int tokens(int decodes, long decodeContext, int prefillStart) {
                return budget.tokens(decodes, decodeContext, prefillStart);
            }

            @Override
            public void observe(BatchPlan plan, long stepNanos) {
                note(plan, stepNanos);
                budget.observe(plan, stepNanos);
            }
        };
    }

    /** What lies between the ends of two steps and is not the second step is the host's: sampling, planning. */
    private void note(BatchPlan plan, long stepNanos) {
        long now = System.nanoTime();
        long host = now - lastObserved - stepNanos;
        lastObserved = now;
        features.add(features(plan));
        nanos.add(new long[] {stepNanos, host < LONGEST_HOST_NANOS ? host : -1});
    }

    /** Forgets everything; between warming up and measuring. */
    void clear() {
        features.clear();
        nanos.clear();
    }

    private long medianHostNanos() {
        long[] host = nanos.stream().mapToLong(pair -> pair[1]).filter(value -> value >= 0).sorted().toArray();
        return host.length == 0 ? 0 : host[host.length / 2];
    }

    /** The engine as the simulator sees it. */
    InstanceModel instance(int blocks, long seed) {
        long host = medianHostNanos();
        double[][] known = features.toArray(new double[0][]);
        long[] taken = nanos.stream().mapToLong(pair -> pair[0]).toArray();
        return new Replay(known, taken, host, blocks, seed);
    }

    /** Pure: the draw depends on the step's number alone. */
    private record Replay(double[][] known, long[] taken, long host, int blocks, long seed) implements InstanceModel {
        @Override
        public String description() {
            return taken.length + " measured steps";
        }

        @Override
        public int pipelineStages() {
            return 1;
        }

        @Override
        public int gpus() {
            return 0;
        }

        @Override
        public long stageNanos(BatchPlan step, int stage) {
            double[] wanted = features(step);
            double[] nearest = new double[ALIKE];
            int[] which = new int[ALIKE];
            Arrays.fill(nearest, Double.MAX_VALUE);
            for (int i = 0; i < known.length; i++) {
                double far = 0;
                for (int f = 0; f < FEATURES; f++) {
                    far += Math.abs(known[i][f] - wanted[f]);
                }
                if (far < nearest[ALIKE - 1]) {
                    insert(nearest, which, far, i);
                }
            }
            return taken[which[new SplittableRandom(seed ^ step.step() * 0x9E3779B97F4A7C15L).nextInt(ALIKE)]];
        }

        private static void insert(double[] nearest, int[] which, double far, int index) {
            int at = ALIKE - 1;
            for (; at > 0 && nearest[at - 1] > far; at--) {
                nearest[at] = nearest[at - 1];
                which[at] = which[at - 1];
            }
            nearest[at] = far;
            which[at] = index;
        }

        @Override
        public long activationTransferNanos(BatchPlan step) {
            return 0;
        }

        @Override
        public long hostNanos(BatchPlan step) {
            return host;
        }

        @Override
        public double stepJoules(BatchPlan step) {
            return 0;
        }

        @Override
        public double idleWatts() {
            return 0;
        }

        @Override
        public double dollarsPerHour() {
            return 0;
        }

        @Override
        public long kvBlocks(int blockTokens) {
            return blocks;
        }

        @Override
        public long kvBytesPerToken() {
            return 1;
        }

        @Override
        public double kvTransferBytesPerSecond() {
            return 1e9;
        }
    }
}
