package dev.pillion.analysis;

import dev.pillion.engine.ForwardProbe;
import dev.pillion.model.Model;
import dev.pillion.scheduler.Operation;
import dev.pillion.spi.Backend;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Times steps of a model, or some of their operations. All points are gone through in rounds, and the median over the
 * rounds stands for a point: what disturbs a machine often lasts longer than the repetitions of one point, and hits a
 * different one in the next round.
 */
final class StepTimer {
    private static final long SEED = 42;

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
            return new Point(batch, EnumSet.allOf(Operation.class));
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

    /** Median seconds of each point. */
    double[] seconds(List<Point> points) {
        double[][] rounds = new double[points.size()][effort.rounds()];
        for (int round = 0; round < effort.rounds(); round++) {
            for (int i = 0; i < rounds.length; i++) {
                fill(points.get(i).batch());
                rounds[i][round] = repeatedly(points.get(i).operations());
            }
        }
        double[] medians = new double[rounds.length];
        for (int i = 0; i < medians.length; i++) {
            medians[i] = Stopwatch.median(rounds[i]);
        }
        return medians;
    }

    /** Seconds of single whole steps, {@code [batch][round]}. */
    double[][] singleSeconds(List<SampleBatch> batches, int rounds) {
        double[][] seconds = new double[batches.size()][rounds];
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < seconds.length; i++) {
                fill(batches.get(i));
                seconds[i][round] = once(EnumSet.allOf(Operation.class));
            }
        }
        return seconds;
    }

    /** Runs whole steps for some seconds, at least one. */
    void warmUp(Supplier<SampleBatch> batches) {
        long start = System.nanoTime();
        do {
            fill(batches.get());
            once(EnumSet.allOf(Operation.class));
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
