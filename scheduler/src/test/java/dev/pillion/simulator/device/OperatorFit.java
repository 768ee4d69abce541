package dev.pillion.simulator.device;

import dev.pillion.scheduler.Operation;
import dev.pillion.simulator.device.FitData.Table;
import dev.pillion.simulator.device.OperatorMeasurements.AttentionSample;
import dev.pillion.simulator.device.OperatorMeasurements.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Fits operator coefficients to the rows not held back and writes them: {@code OperatorFit TRACES FILE}. */
final class OperatorFit {
    private static final List<String> DEVICES = List.of("a100", "h100", "rtx4090", "rtx-pro-6000");
    private static final double BYTES = 2;

    private final List<Table> tables;
    private final Map<Integer, List<Sample>> allReduces;
    /** Lines of the file. */
    private final Map<String, String> lines = new TreeMap<>();

    private OperatorFit(FitData data) {
        tables = data.tables();
        allReduces = data.allReduces();
    }

    /**
     * A measured time.
     *
     * @param what was timed
     */
    private record Timed<T>(T what, double seconds) {}

    private record Product(long tokens, long columns, long depth) {}

    public static void main(String[] args) throws IOException {
        OperatorFit fit = new OperatorFit(FitData.forFit(Path.of(args[0])));
        fit.run();
        String head = """
                # Coefficients of the operations of a step, fitted to measured times; MatmulModel, ElementwiseModel, AttentionModel
                # and AllReduceModel say what each stands for. A device's name in place of numbers: nothing was measured there,
                # those of that device are taken. Written by scripts/fit-operator-times; how well they predict rows held back: docs/performance/simulation.md.
                """;
        String body = fit.lines.entrySet().stream()
                .map(line -> line.getKey() + "=" + line.getValue() + "\n")
                .collect(Collectors.joining());
        Files.writeString(Path.of(args[1]), head + "devices=" + String.join(",", DEVICES) + "\n" + body);
    }

    private void run() {
        for (String name : DEVICES) {
            GpuDevice device = GpuDevices.named(name);
            fitProducts(device);
            fitMoving(device);
            fitAttention(device);
        }
        GpuDevice a100 = GpuDevices.named("a100");
        allReduces.forEach((ranks, samples) -> fit(
                "a100.all-reduce-" + ranks,
                new double[] {2e-5, 0.05, 5e-5, 0.4},
                new double[] {1e-6, 1e-3, 1e-6, 1e-3},
                new double[] {1e-3, 1, 1e-3, 1},
                samples.stream().map(sample -> new Timed<>(sample, sample.seconds())).toList(),
                c -> {
                    AllReduceModel model = AllReduceModel.of(c);
                    return sample -> model.seconds(a100, sample.rows());
                }));
        for (String name : DEVICES.subList(1, DEVICES.size())) {
            allReduces.keySet().forEach(ranks -> lines.put(name + ".all-reduce-" + ranks, "a100"));
        }
    }

    private List<Table> of(GpuDevice device) {
        return tables.stream().filter(table -> table.device().equals(device.name())).toList();
    }

    private <T> void fit(
            String key, double[] start, double[] lower, double[] upper, List<Timed<T>> samples,
            Function<double[], ToDoubleFunction<T>> model) {
        double[] found = PatternSearch.minimise(start, lower, upper, c -> cost(samples, model.apply(c)));
        lines.put(key, text(found));
        System.out.printf(Locale.ROOT, "%s: %d rows, cost %.4f%n", key, samples.size(), cost(samples, model.apply(found)));
    }

    private static String text(double[] coefficients) {
        return Arrays.stream(coefficients).mapToObj(c -> String.format(Locale.ROOT, "%.4g", c)).collect(Collectors.joining(","));
    }

    /** Mean of the logarithmic errors and, with less weight, of their squares, so that few are far out. */
    private static <T> double cost(List<Timed<T>> samples, ToDoubleFunction<T> model) {
        double sum = 0;
        double squares = 0;
        for (Timed<T> sample : samples) {
            double error = Math.abs(Math.log(model.applyAsDouble(sample.what()) / sample.seconds()));
            sum += error;
            squares += error * error;
        }
        return sum / samples.size() + 0.3 * Math.sqrt(squares / samples.size());
    }

    private void fitProducts(GpuDevice device) {
        List<Timed<Product>> samples = new ArrayList<>();
        for (Table table : of(device)) {
            forRanks(table, (operation, rank, sample) -> {
                long queries = rank.queries();
                Product product = switch (operation) {
                    case QKV -> new Product(sample.rows(), queries + 2L * rank.keys(), rank.hidden());
                    case ATTENTION_OUT -> new Product(sample.rows(), rank.hidden(), queries);
                    case GATE_UP -> new Product(sample.rows(), 2L * rank.ffn(), rank.hidden());
                    case DOWN -> new Product(sample.rows(), rank.hidden(), rank.ffn());
                    case LOGITS -> new Product(sample.rows(), rank.vocab(), rank.hidden());
                    default -> null;
                };
                if (product != null) {
                    samples.add(new Timed<>(product, sample.seconds()));
                }
            });
        }
        fit(
                device.name() + ".matmul",
                new double[] {3e-6, 0.85, 2.5, 1, 2e-6, 0.4, 0.5, 0.7, 0.65, 0.75, 0.75, 0.75},
                new double[] {5e-7, 0.3, 1.2, 0.05, 1e-8, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1},
                new double[] {2e-5, 1, 8, 10, 2e-5, 1, 1, 1, 1, 1, 1, 1},
                samples,
                c -> {
                    MatmulModel model = new MatmulModel(c);
                    return p -> model.seconds(
                            device, device.bf16FlopsPerSecond(), p.tokens(), p.columns(), p.depth(),
                            BYTES * p.columns() * p.depth());
                });
    }

    private interface EachSample {
        void use(Operation operation, TransformerSizes rank, Sample sample);
    }

    private static void forRanks(Table table, EachSample each) {
        for (int ranks : table.operations() == FitData.VIDUR ? new int[] {1, 2, 4, 8} : new int[] {1}) {
            TransformerSizes rank = table.model().rank(ranks);
            table.operations().forEach((name, operation) ->
                    table.samples().of(name, ranks).forEach(sample -> each.use(operation, rank, sample)));
        }
    }

    private void fitMoving(GpuDevice device) {
        Table table = of(device).getFirst();
        Map<Operation, List<Timed<Double>>> samples = new TreeMap<>();
        forRanks(table, (operation, rank, sample) -> {
            long perRow = switch (operation) {
                case EMBED, NORM -> 2L * rank.hidden();
                case ROPE_KV_WRITE -> 2L * (rank.queries() + rank.keys());
                case ACTIVATION -> 3L * rank.ffn();
                default -> 0;
            };
            if (perRow > 0) {
                samples.computeIfAbsent(operation, key -> new ArrayList<>())
                        .add(new Timed<>(BYTES * perRow * sample.rows(), sample.seconds()));
            }
        });
        fitMoving(device, "embed", samples.get(Operation.EMBED));
        fitMoving(device, "rope", samples.get(Operation.ROPE_KV_WRITE));
        fitMoving(device, "activation", samples.get(Operation.ACTIVATION));
        if (table.operations() == FitData.VIDUR) {
            fitMoving(device, "norm", alone(table, "input_layernorm", 2));
            fitMoving(device, "add", alone(table, "add", 3));
        } else {
            fitMoving(device, "norm", samples.get(Operation.NORM));
            // The norm adds too.
            lines.put(device.name() + ".add", text(new double[] {0, 1e6, 1e6, 1, 1}));
        }
    }

    private static List<Timed<Double>> alone(Table table, String name, int perHidden) {
        return table.samples().operations().get(name).stream()
                .map(sample -> new Timed<>(BYTES * perHidden * table.model().hidden() * sample.rows(), sample.seconds()))
                .toList();
    }

    private void fitMoving(GpuDevice device, String operation, List<Timed<Double>> samples) {
        fit(
                device.name() + "." + operation,
                new double[] {3e-6, 1, 1.5, 1.5, 0.3},
                new double[] {1e-7, 0.05, 0.05, 1.02, 1e-3},
                new double[] {2e-5, 10, 50, 10, 2},
                samples,
                c -> {
                    ElementwiseModel model = ElementwiseModel.of(c);
                    return bytes -> model.seconds(device, bytes);
                });
    }

    private static final double[] ANY_DECODE = {1e-5, 0.8, 0.2};
    private static final double[] ANY_CHUNK = {0.6, 280, 0.6, 1e-7};
    private static final double[] ANY_MERGED = {0.6, 250, 0.6, 200, 0.9, 1, 0.8, 3, 0.7, 1e-6};

    private void fitAttention(GpuDevice device) {
        if (of(device).stream().allMatch(table -> table.samples().attention().isEmpty())) {
            for (String kind : List.of("decode", "chunk", "merged")) {
                lines.put(device.name() + "." + kind + "-attention", "rtx-pro-6000");
            }
            return;
        }
        fitAttention(
                device, "decode", sample -> sample.chunk() == 0, ANY_DECODE,
                new double[] {1e-6, 0.3, 1e-3}, new double[] {5e-5, 1, 3},
                c -> new AttentionModel(c, ANY_CHUNK, ANY_MERGED));
        fitAttention(
                device, "chunk", sample -> sample.decodes() == 0, ANY_CHUNK,
                new double[] {0.1, 10, 0.01, 1e-8}, new double[] {1, 2000, 1, 5e-5},
                c -> new AttentionModel(ANY_DECODE, c, ANY_MERGED));
        fitAttention(
                device, "merged", sample -> sample.chunk() > 0 && sample.decodes() > 0, ANY_MERGED,
                new double[] {0.1, 10, 0.1, 10, 0.3, 0.05, 0.3, 1.2, 0.05, 1e-8},
                new double[] {1.2, 2000, 1.2, 2000, 1, 10, 4, 12, 1, 2e-5},
                c -> new AttentionModel(ANY_DECODE, ANY_CHUNK, c));
    }

    private void fitAttention(
            GpuDevice device, String kind, Predicate<AttentionSample> wanted, double[] start, double[] lower, double[] upper,
            Function<double[], AttentionModel> make) {
        record Case(TransformerSizes heads, AttentionSample sample) {}
        List<Timed<Case>> samples = new ArrayList<>();
        for (Table table : of(device)) {
            table.samples().attention().stream()
                    .filter(wanted)
                    .forEach(sample -> samples.add(new Timed<>(new Case(table.model(), sample), sample.seconds())));
        }
        fit(device.name() + "." + kind + "-attention", start, lower, upper, samples, c -> {
            AttentionModel model = make.apply(c);
            return it -> {
                AttentionSample s = it.sample();
                long context = (long) s.decodes() * s.context();
                return s.decodes() > 0 && s.chunk() > 0
                        ? model.mergedSeconds(device, it.heads(), KvType.BF16, 1, s.chunk(), s.chunkWork(), s.decodes(), context)
                        : model.chunkSeconds(device, it.heads(), s.chunk() > 0 ? 1 : 0, s.chunk(), s.chunkWork())
                                + model.decodeSeconds(device, it.heads(), KvType.BF16, s.decodes(), context);
            };
        });
    }
}
