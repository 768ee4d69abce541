package dev.pillion.benchmarks;

import dev.pillion.model.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tables and charts of what {@code pillion simulate --json} printed into files:
 *
 * <pre>
 * SimulationReports table COLUMN=VALUE... FILE...            Markdown, a row for each run of each file
 * SimulationReports bars OUT TITLE VALUE FILE...             a bar for each run
 * SimulationReports lines OUT TITLE X=VALUE Y=VALUE FILE...  a line for each name of a run, a point for each file
 * </pre>
 *
 * <p>A value is a path of names into a run's report, such as {@code latency_seconds.ttft.p99}, or some of them with {@code *} and
 * {@code /} between, and numbers, without spaces; evaluated from left to right. {@code suffix} is the number that the file's name
 * ends with. An axis whose name ends with {@code (log)} is logarithmic.
 */
public final class SimulationReports {
    /** A run with the name of its file. */
    private record Run(String file, Map<?, ?> report) {
        String name() {
            return String.valueOf(report.get("name"));
        }
    }

    private SimulationReports() {}

    /** Prints or draws. */
    public static void main(String[] args) throws IOException {
        switch (args.length < 3 ? "" : args[0]) {
            case "table" -> table(args);
            case "bars" -> bars(args);
            case "lines" -> lines(args);
            default -> {
                System.err.println("SimulationReports table COLUMN=VALUE... FILE... | bars OUT TITLE VALUE FILE... "
                        + "| lines OUT TITLE X=VALUE Y=VALUE FILE...");
                System.exit(2);
            }
        }
    }

    private static void table(String[] args) throws IOException {
        int files = 1;
        while (args[files].contains("=")) {
            files++;
        }
        StringBuilder head = new StringBuilder("| workload | run |");
        StringBuilder rule = new StringBuilder("|---|---|");
        for (int i = 1; i < files; i++) {
            head.append(' ').append(args[i], 0, args[i].indexOf('=')).append(" |");
            rule.append("---:|");
        }
        System.out.println(head);
        System.out.println(rule);
        for (Run run : runs(args, files)) {
            StringBuilder row = new StringBuilder("| " + run.file() + " | " + run.name() + " |");
            for (int i = 1; i < files; i++) {
                row.append(' ').append(SvgChart.number(value(run, args[i].substring(args[i].indexOf('=') + 1)))).append(" |");
            }
            System.out.println(row);
        }
    }

    private static void bars(String[] args) throws IOException {
        List<String> names = new ArrayList<>();
        List<Run> runs = runs(args, 4);
        double[] values = new double[runs.size()];
        boolean one = runs.stream().map(Run::file).distinct().count() == 1;
        for (int i = 0; i < values.length; i++) {
            names.add((one ? "" : runs.get(i).file() + ", ") + runs.get(i).name());
            values[i] = value(runs.get(i), args[3]);
        }
        SvgChart.bars(Path.of(args[1]), args[2], names, values);
    }

    private static void lines(String[] args) throws IOException {
        Map<String, List<double[]>> byName = new LinkedHashMap<>();
        String x = args[3].substring(args[3].indexOf('=') + 1);
        String y = args[4].substring(args[4].indexOf('=') + 1);
        for (Run run : runs(args, 5)) {
            byName.computeIfAbsent(run.name(), name -> new ArrayList<>()).add(new double[] {value(run, x), value(run, y)});
        }
        List<SvgChart.Line> lines = new ArrayList<>();
        byName.forEach((name, points) -> {
            points.sort((a, b) -> Double.compare(a[0], b[0]));
            lines.add(new SvgChart.Line(
                    name, points.stream().mapToDouble(point -> point[0]).toArray(),
                    points.stream().mapToDouble(point -> point[1]).toArray()));
        });
        SvgChart.lines(Path.of(args[1]), args[2], axis(args[3]), axis(args[4]), lines);
    }

    private static SvgChart.Axis axis(String named) {
        String name = named.substring(0, named.indexOf('='));
        return new SvgChart.Axis(name, name.endsWith("(log)"));
    }

    private static List<Run> runs(String[] args, int from) throws IOException {
        List<Run> runs = new ArrayList<>();
        for (int i = from; i < args.length; i++) {
            Path file = Path.of(args[i]);
            String name = String.valueOf(file.getFileName()).replaceFirst("\\.json$", "");
            Map<?, ?> report = Json.object((Map<?, ?>) Json.parse(Files.readString(file), file));
            for (Object run : (List<?>) report.get("runs")) {
                runs.add(new Run(name, (Map<?, ?>) run));
            }
        }
        return runs;
    }

    private static double value(Run run, String expression) {
        String[] parts = expression.split("(?<=[*/])|(?=[*/])");
        double value = term(run, parts[0]);
        for (int i = 1; i + 1 < parts.length; i += 2) {
            double next = term(run, parts[i + 1]);
            value = parts[i].equals("*") ? value * next : value / next;
        }
        return value;
    }

    private static double term(Run run, String path) {
        if (path.matches("[0-9.]+")) {
            return Double.parseDouble(path);
        }
        if (path.equals("suffix")) {
            return Double.parseDouble(run.file().replaceFirst(".*-", ""));
        }
        Object found = run.report();
        for (String name : path.split("\\.")) {
            found = found instanceof Map<?, ?> map
                    ? map.get(name)
                    : found instanceof List<?> list ? list.get(Integer.parseInt(name)) : null;
        }
        if (!(found instanceof Number number)) {
            throw new IllegalArgumentException(run.name() + " in " + run.file() + " has no number " + path);
        }
        return number.doubleValue();
    }
}
