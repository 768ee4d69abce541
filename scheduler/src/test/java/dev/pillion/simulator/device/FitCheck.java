package dev.pillion.simulator.device;

import dev.pillion.scheduler.Operation;
import dev.pillion.simulator.device.FitData.Table;
import dev.pillion.simulator.device.OperatorMeasurements.AttentionSample;
import dev.pillion.simulator.device.OperatorMeasurements.Sample;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;

/** Predicted beside measured times of rows that were held back, by the roofline and by interpolation of the other rows. */
final class FitCheck {
    /**
     * One operation of one table.
     *
     * @param roofline relative errors of the roofline with the coefficients there are
     * @param measured relative errors of interpolating the rows not held back
     */
    record Row(String table, String operation, double[] roofline, double[] measured) {
        static double quantile(double[] errors, double q) {
            double[] sorted = DoubleStream.of(errors).sorted().toArray();
            return sorted[(int) Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT, "| %s | %s | %d | %.1f %% | %.1f %% | %.1f %% | %.1f %% |",
                    table, operation, roofline.length,
                    100 * quantile(roofline, 0.5), 100 * quantile(roofline, 0.9),
                    100 * quantile(measured, 0.5), 100 * quantile(measured, 0.9));
        }
    }

    static final String HEAD = "| device, model | operation | rows | roofline, median | P90 | interpolated, median | P90 |\n"
            + "|---|---|---:|---:|---:|---:|---:|";

    private FitCheck() {}

    static List<Row> rows(Path traces) {
        List<Row> rows = new ArrayList<>();
        List<Table> fitted = FitData.forFit(traces).tables();
        List<Table> held = FitData.heldBack(traces).tables();
        for (int i = 0; i < held.size(); i++) {
            rows.addAll(operations(fitted.get(i), held.get(i)));
            rows.addAll(attention(fitted.get(i), held.get(i)));
        }
        rows.addAll(allReduces(traces));
        return rows;
    }

    private static RooflineOperatorTimes roofline(Table table, int ranks) {
        return new RooflineOperatorTimes(
                table.model().rank(ranks), Quantisation.BF16, KvType.BF16, GpuDevices.named(table.device()),
                AttentionLaunch.MERGED);
    }

    private static OperatorTimes interpolated(Table table, int ranks) {
        RooflineOperatorTimes roofline = roofline(table, ranks);
        return table.operations() == FitData.VIDUR
                ? MeasuredOperatorTimes.vidur(table.samples(), ranks, roofline)
                : MeasuredOperatorTimes.servingSim(table.samples(), roofline);
    }

    private static List<Row> operations(Table fitted, Table held) {
        Map<Operation, List<double[]>> errors = new TreeMap<>();
        for (int ranks : new int[] {1, 2, 4, 8}) {
            if (held.operations().isEmpty() || (held.operations() == FitData.SERVING_SIM && ranks > 1)) {
                continue;
            }
            OperatorTimes roofline = roofline(held, ranks);
            OperatorTimes interpolated = interpolated(fitted, ranks);
            samples(held, ranks).forEach((operation, samples) -> {
                for (Sample sample : samples) {
                    errors.computeIfAbsent(operation, key -> new ArrayList<>()).add(new double[] {
                        error(roofline.seconds(operation, sample.rows()), sample.seconds()),
                        error(interpolated.seconds(operation, sample.rows()), sample.seconds())
                    });
                }
            });
        }
        return errors.entrySet().stream().map(entry -> row(held.title(), label(entry.getKey()), entry.getValue())).toList();
    }

    /** Samples by operation; where the addition to the residual stream was measured alone, norms are both. */
    static Map<Operation, List<Sample>> samples(Table table, int ranks) {
        Map<Operation, List<Sample>> byOperation = new LinkedHashMap<>();
        table.operations().forEach((name, operation) -> byOperation.put(operation, table.samples().of(name, ranks)));
        if (table.operations() == FitData.VIDUR) {
            List<Sample> norms = table.samples().of("input_layernorm", ranks);
            List<Sample> adds = table.samples().of("add", ranks);
            List<Sample> both = new ArrayList<>();
            for (int i = 0; i < norms.size(); i++) {
                both.add(new Sample(ranks, norms.get(i).rows(), norms.get(i).seconds() + adds.get(i).seconds()));
            }
            byOperation.put(Operation.NORM, both);
        }
        return byOperation;
    }

    private static List<Row> attention(Table fitted, Table held) {
        if (held.samples().attention().isEmpty()) {
            return List.of();
        }
        RooflineOperatorTimes roofline = roofline(held, 1);
        OperatorTimes interpolated = MeasuredOperatorTimes.attention(fitted.samples(), roofline);
        Map<String, List<double[]>> errors = new LinkedHashMap<>();
        for (AttentionSample sample : held.samples().attention()) {
            String kind =
                    sample.decodes() == 0 ? "attention, chunk" : sample.chunk() == 0 ? "attention, decodes" : "attention, both";
            errors.computeIfAbsent(kind, key -> new ArrayList<>()).add(new double[] {
                error(seconds(roofline, sample), sample.seconds()), error(seconds(interpolated, sample), sample.seconds())
            });
        }
        return errors.entrySet().stream().map(entry -> row(held.title(), entry.getKey(), entry.getValue())).toList();
    }

    private static double seconds(OperatorTimes times, AttentionSample sample) {
        return times.attentionSeconds(
                sample.chunk() > 0 ? 1 : 0, sample.chunk(), sample.chunkWork(), sample.decodes(),
                (long) sample.decodes() * sample.context());
    }

    private static List<Row> allReduces(Path traces) {
        Map<Integer, List<Sample>> fitted = FitData.forFit(traces).allReduces();
        GpuDevice device = GpuDevices.named("a100");
        List<Row> rows = new ArrayList<>();
        FitData.heldBack(traces).allReduces().forEach((ranks, samples) -> {
            AllReduceModel model = OperatorCoefficients.named("a100").allReduce(ranks);
            MeasuredCurve curve = new MeasuredCurve(fitted.get(ranks));
            rows.add(row("A100, one server", "all-reduce of " + ranks, samples.stream()
                    .map(sample -> new double[] {
                        error(model.seconds(device, sample.rows()), sample.seconds()),
                        error(curve.at(sample.rows()), sample.seconds())
                    })
                    .toList()));
        });
        return rows;
    }

    private static double error(double predicted, double measured) {
        return Math.abs(predicted / measured - 1);
    }

    private static Row row(String table, String operation, List<double[]> errors) {
        return new Row(
                table,
                operation,
                errors.stream().mapToDouble(e -> e[0]).toArray(),
                errors.stream().mapToDouble(e -> e[1]).toArray());
    }

    private static String label(Operation operation) {
        return operation.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** Prints the table of held-back rows: {@code FitCheck TRACES}. */
    public static void main(String[] args) {
        System.out.println(HEAD);
        rows(Path.of(args[0])).forEach(System.out::println);
    }

    /** Whether all errors are numbers. */
    static boolean finite(Row row) {
        return Arrays.stream(row.roofline()).allMatch(Double::isFinite)
                && Arrays.stream(row.measured()).allMatch(Double::isFinite);
    }
}
