package dev.pillion.engine;

import dev.pillion.EngineOptions;
import dev.pillion.GeneratedToken;
import dev.pillion.Generation;
import dev.pillion.GenerationRequest;
import dev.pillion.MemoryPlan;
import dev.pillion.benchmarks.Arrivals;
import dev.pillion.benchmarks.Samples;
import dev.pillion.benchmarks.Shapes;
import dev.pillion.memory.KvCache;
import dev.pillion.memory.PrefixHasher;
import dev.pillion.model.Model;
import dev.pillion.model.SyntheticModel;
import dev.pillion.model.TensorType;
import dev.pillion.sampling.StopConditions;
import dev.pillion.scheduler.BatchPlanner;
import dev.pillion.scheduler.FirstComeFirstServed;
import dev.pillion.scheduler.FixedBudget;
import dev.pillion.scheduler.PrefillFirstPlanner;
import dev.pillion.scheduler.SarathiPlanner;
import dev.pillion.scheduler.Scheduler;
import dev.pillion.scheduler.SchedulerConfig;
import dev.pillion.simulator.Cluster;
import dev.pillion.simulator.InstanceModel;
import dev.pillion.simulator.InstanceSettings;
import dev.pillion.simulator.InstanceSpec;
import dev.pillion.simulator.Simulation;
import dev.pillion.simulator.SimulationOptions;
import dev.pillion.simulator.report.LatencySummary;
import dev.pillion.simulator.report.SimulationReport;
import dev.pillion.simulator.workload.ArrivalProcess;
import dev.pillion.simulator.workload.GeneratedWorkload;
import dev.pillion.simulator.workload.LengthDistribution;
import dev.pillion.simulator.workload.Request;
import dev.pillion.simulator.workload.RequestSource;
import dev.pillion.simulator.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * The simulator beside the engine. The engine serves random requests that come by chance, and its steps are measured; the
 * simulator is given the same requests, and the steps of this run or of the run before, of other requests. Reported is what
 * the simulator says over what was seen, for the time to the first token and the time between tokens. With the steps of the
 * run itself the difference is the simulator's; with those of the run before the machine's drift comes in.
 *
 * <p>Arguments: rounds, requests of a run, requests per second, planner ({@code sarathi} or {@code prefill-first}). In the
 * engine's package because it builds the engine around a budget that watches.
 */
public final class SimulatorCheck {
    private static final int CHUNK = 128;
    private static final int SEQUENCES = 32;
    private static final int CONTEXT = 1024;
    private static final LengthDistribution LENGTHS = new LengthDistribution.Uniform(16, 256, 4, 48);

    private final int requests;
    private final double perSecond;
    private final BatchPlanner planner;

    private SimulatorCheck(int requests, double perSecond, BatchPlanner planner) {
        this.requests = requests;
        this.perSecond = perSecond;
        this.planner = planner;
    }

    /** What was seen, or predicted, in seconds. */
    private record Outcome(double ttftP50, double ttftP99, double tbtP50, double tbtP99) {
        static Outcome of(SimulationReport report) {
            LatencySummary ttft = report.latencies().timeToFirstToken();
            LatencySummary tbt = report.latencies().timeBetweenTokens();
            return new Outcome(ttft.p50Seconds(), ttft.p99Seconds(), tbt.p50Seconds(), tbt.p99Seconds());
        }

        double[] over(Outcome seen) {
            return new double[] {
                ttftP50 / seen.ttftP50, ttftP99 / seen.ttftP99, tbtP50 / seen.tbtP50, tbtP99 / seen.tbtP99
            };
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT, "| %.1f | %.1f | %.1f | %.1f |", ttftP50 * 1e3, ttftP99 * 1e3, tbtP50 * 1e3, tbtP99 * 1e3);
        }
    }

    /** Runs the rounds and prints a table. */
    public static void main(String[] args) {
        int rounds = Integer.parseInt(args[0]);
        BatchPlanner planner = args[3].equals("sarathi") ? new SarathiPlanner() : new PrefillFirstPlanner();
        new SimulatorCheck(Integer.parseInt(args[1]), Double.parseDouble(args[2]), planner).run(rounds);
    }

    private void run(int rounds) {
        System.out.println("| ms | TTFT P50 | TTFT P99 | TBT P50 | TBT P99 |");
        System.out.println("|---|---:|---:|---:|---:|");
        MeasuredSteps steps = new MeasuredSteps();
        Model model = SyntheticModel.create(Shapes.small(), TensorType.Q8_0, 1);
        EngineOptions options = EngineOptions.builder()
                .backend("cpu")
                .chunkTokens(CHUNK)
                .maxSequences(SEQUENCES)
                .contextTokens(CONTEXT)
                .prefixCache(false)
                .build();
        BackendSelection selection = BackendSelection.select(options);
        MemoryPlan plan = MemoryPlanner.plan(
                model.description(), model.tensors().values(), options, selection.backend().profile());
        EngineCore engine = new EngineCore(model, options, plan, selection, scheduler(plan, steps), System::nanoTime);
        engine.start();
        serve(engine, workload(99));
        steps.clear();
        serve(engine, workload(98));
        InstanceModel before = steps.instance(plan.kvBlocks(), 98);
        Ratios own = new Ratios("steps of the run itself");
        Ratios earlier = new Ratios("steps of the run before");
        for (int round = 0; round < rounds; round++) {
            steps.clear();
            Workload workload = workload(round);
            Outcome seen = serve(engine, workload);
            InstanceModel measured = steps.instance(plan.kvBlocks(), round);
            System.out.println("| engine " + seen);
            own.add(simulate(workload, measured, plan), seen);
            earlier.add(simulate(workload, before, plan), seen);
            before = measured;
        }
        engine.close();
        model.close();
        own.print();
        earlier.print();
    }

    private Outcome simulate(Workload workload, InstanceModel steps, MemoryPlan plan) {
        InstanceSpec instance = new InstanceSpec(steps, settings(plan));
        return Outcome.of(Simulation.run(workload, Cluster.of(instance, 1), SimulationOptions.defaults()));
    }

    /** What the simulator said over what was seen. */
    private static final class Ratios {
        private final String name;
        private final List<Samples> samples = List.of(new Samples(), new Samples(), new Samples(), new Samples());

        Ratios(String name) {
            this.name = name;
        }

        void add(Outcome said, Outcome seen) {
            System.out.println("| simulator, " + name + " " + said);
            double[] over = said.over(seen);
            for (int i = 0; i < over.length; i++) {
                samples.get(i).add(over[i]);
            }
        }

        void print() {
            StringBuilder row = new StringBuilder("| simulator / engine, " + name + ", median (least to most) |");
            for (Samples ratio : samples) {
                row.append(String.format(
                        Locale.ROOT, " %.2f (%.2f-%.2f) |", ratio.median(), ratio.least(), ratio.most()));
            }
            System.out.println(row);
        }
    }

    private Workload workload(long seed) {
        return new GeneratedWorkload(new ArrivalProcess.Poisson(perSecond), LENGTHS, requests, seed);
    }

    private Scheduler scheduler(MemoryPlan plan, MeasuredSteps steps) {
        KvCache cache = new KvCache(plan.kvBlockTokens(), plan.kvBlocks(), 0, false, new PrefixHasher(1, 2));
        SchedulerConfig config =
                SchedulerConfig.forPool(SEQUENCES, plan.kvBlocks()).withMaxWaiting(Integer.MAX_VALUE);
        return new Scheduler(
                config, cache, planner, new FirstComeFirstServed(), steps.recording(new FixedBudget(CHUNK)));
    }

    private InstanceSettings settings(MemoryPlan plan) {
        return InstanceSettings.defaults()
                .withPlanner(planner)
                .withChunkTokens(CHUNK)
                .withMaxSequences(SEQUENCES)
                .withBlockTokens(plan.kvBlockTokens())
                .withPrefixCaching(false);
    }

    private static Outcome serve(EngineCore engine, Workload workload) {
        List<Stream> streams = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(7);
        RequestSource source = workload.open();
        long start = System.nanoTime();
        for (Request request = source.next(); request != null; request = source.next()) {
            long due = start + request.arrivalNanos();
            GenerationRequest asked = generation(request, random);
            Arrivals.waitUntil(due);
            streams.add(new Stream(due, engine.submit(asked)));
        }
        Samples first = new Samples();
        Samples between = new Samples();
        streams.forEach(stream -> stream.addTo(first, between));
        return new Outcome(first.quantile(0.5), first.quantile(0.99), between.quantile(0.5), between.quantile(0.99));
    }

    private static GenerationRequest generation(Request request, SplittableRandom random) {
        int[] prompt = random.ints(request.promptTokens(), 0, Shapes.small().vocabularySize()).toArray();
        return GenerationRequest.builder(prompt)
                .stop(StopConditions.builder().maxTokens(request.outputTokens()).ignoreEos(true).build())
                .build();
    }

    /** A reader of one answer, on a thread of its own. */
    private static final class Stream {
        private final long due;
        private final List<Long> times = new ArrayList<>();
        private final Thread reader;

        Stream(long due, Generation generation) {
            this.due = due;
            this.reader = Thread.startVirtualThread(() -> read(generation));
        }

        private void read(Generation generation) {
            try (generation) {
                for (GeneratedToken token : generation) {
                    times.add(System.nanoTime());
                }
            }
        }

        void addTo(Samples first, Samples between) {
            try {
                reader.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted while streams were read", e);
            }
            first.add((times.getFirst() - due) / 1e9);
            for (int i = 1; i < times.size(); i++) {
                between.add((times.get(i) - times.get(i - 1)) / 1e9);
            }
        }
    }
}
