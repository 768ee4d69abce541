package dev.pillion.analysis;

import dev.pillion.engine.ForwardProbe;
import dev.pillion.model.Model;
import dev.pillion.scheduler.Operation;
import dev.pillion.spi.Backend;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Times steps of a model, or some of their operations. All points are gone through in rounds, and the median over the
 * rounds stands for a point: what disturbs a machine often lasts for seconds, longer than the repetitions of one point,
 * and is over or hits a different one in the next round.
 *
 * <p>Operations alone are repeated at once until they take some time together. Attention and whole steps are not: each
 * finds the caches as other steps left them.
 */
final class StepTimer {
    private static final Set<Operation> WHOLE = Set.of(Operation.values());
    private static final long SEED = 42;
    private static final int LEAST_ROUNDS = 3;
    private static final int PASSES = 3;
    private static final double SHORT_SECONDS = 0.01;

    private final Model model;
    private final PartialBackend backend;
    private final ForwardProbe probe;
    private final Effort effort;
    private final SplittableRandom random = new SplittableRandom(SEED);

    /**
     * What to time.
     *
     * @param batch the step
     * @param operations what of it runs
     */
    record Point(SampleBatch batch, Set<Operation> operations) {
        /** A whole step. */
        static Point whole(SampleBatch batch) {
            return new Point(batch, WHOLE);
        }

        boolean isRepeated() {
            return !operations.contains(Operation.ATTENTION);
        }

        /** One kind of operation, of all layers. */
        static Point of(Operation operation, SampleBatch batch) {
            return new Point(batch, EnumSet.of(operation));
        }
    }

    StepTimer(Model model, Backend backend, ForwardProbe.Capacity capacity, Effort effort) {
        this.model = model;
        this.backend = new PartialBackend(backend);
        this.probe = new ForwardProbe(model, this.backend, capacity);
        this.effort = effort;
    }

    /**
     * Median seconds of each point.
     *
     * @param progress hears of each round
     */
    double[] seconds(List<Point> points, Consumer<String> progress) {
        List<List<Double>> times = new ArrayList<>();
        points.forEach(point -> times.add(new ArrayList<>()));
        long start = System.nanoTime();
        for (int round = 0; round < effort.rounds(); round++) {
            if (round >= LEAST_ROUNDS && System.nanoTime() - start > effort.roundsSeconds() * 1e9) {
                break;
            }
            progress.accept("measuring operations and steps, round " + (round + 1) + " of at most " + effort.rounds());
            for (int pass = 0; pass < PASSES; pass++) {
                for (int i = 0; i < points.size(); i++) {
                    measure(points.get(i), pass, times.get(i));
                }
            }
        }
        return times.stream()
                .mapToDouble(all -> Stopwatch.median(all.stream().mapToDouble(Double::doubleValue).toArray()))
                .toArray();
    }

    /** Single runs of short steps scatter, and cost little to repeat; what is repeated anyway does with one pass. */
    private void measure(Point point, int pass, List<Double> times) {
        if (pass == 0 || !point.isRepeated() && times.getFirst() < SHORT_SECONDS) {
            fill(point.batch());
            times.add(point.isRepeated() ? repeatedly(point.operations()) : once(point.operations()));
        }
    }

    /**
     * Seconds of single whole steps, {@code [batch][round]}.
     *
     * @param rounds fewest rounds; there are more until they have taken the effort's time for this
     */
    double[][] singleSeconds(List<SampleBatch> batches, int rounds) {
        List<double[]> times = new ArrayList<>();
        long start = System.nanoTime();
        while (times.size() < rounds || System.nanoTime() - start < effort.checkSeconds() * 1e9) {
            double[] round = new double[batches.size()];
            for (int i = 0; i < round.length; i++) {
                fill(batches.get(i));
                round[i] = once(WHOLE);
            }
            times.add(round);
        }
        double[][] seconds = new double[batches.size()][times.size()];
        for (int i = 0; i < seconds.length; i++) {
            for (int round = 0; round < seconds[i].length; round++) {
                seconds[i][round] = times.get(round)[i];
            }
        }
        return seconds;
    }

    /** Runs whole steps for some seconds, at least one. */
    void warmUp(Supplier<SampleBatch> batches) {
        long start = System.nanoTime();
        do {
            fill(batches.get());
            once(WHOLE);
        } while (System.nanoTime() - start < effort.warmUpSeconds() * 1e9);
    }

    private void fill(SampleBatch batch) {
        batch.fill(probe.batch(), model.description().vocabularySize(), random);
    }

    private double repeatedly(Set<Operation> operations) {
        // An activation in place shrinks what it reads; fresh input keeps it from working on denormal numbers.
        boolean inPlace = operations.contains(Operation.ACTIVATION) && operations.size() == 1;
        Runnable before = inPlace ? () -> run(EnumSet.of(Operation.GATE_UP)) : () -> {};
        before.run();
        double first = once(operations);
        // What takes that long by itself gains nothing from caches warmed by a run before.
        return first >= effort.measureSeconds() / effort.rounds()
                ? first
                : effort.roundWatch().medianSeconds(before, () -> run(operations));
    }

    private double once(Set<Operation> operations) {
        long start = System.nanoTime();
        run(operations);
        return Math.max(1, System.nanoTime() - start) / 1e9;
    }

    private void run(Set<Operation> operations) {
        backend.runOnly(operations);
        probe.run();
    }
}
