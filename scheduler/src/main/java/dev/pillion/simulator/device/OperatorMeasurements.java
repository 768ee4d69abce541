package dev.pillion.simulator.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/**
 * Measured times of operations, from tables in the formats of two simulators:
 * <ul>
 * <li>Vidur's MLP profiles: columns {@code time_stats.OPERATION.median} in milliseconds, {@code num_tokens},
 *     {@code num_tensor_parallel_workers};
 * <li>LLMServingSim's performance tables: {@code layer,tokens,time_us} and {@code layer,sequences,time_us}, and for attention
 *     {@code prefill_chunk,kv_prefill,n_decode,kv_decode,time_us}.
 * </ul>
 *
 * @param operations by the table's name of the operation
 * @param attention of one layer
 */
public record OperatorMeasurements(Map<String, List<Sample>> operations, List<AttentionSample> attention) {
    private static final String STATISTIC = "time_stats.";
    private static final String MEDIAN = ".median";

    /**
     * One operation's time.
     *
     * @param ranks tensor-parallel ranks the layer was cut into
     * @param rows tokens, or rows of logits
     * @param seconds the time
     */
    public record Sample(int ranks, int rows, double seconds) {}

    /**
     * The time of one layer's attention over a chunk and some decodes, either of which may be absent.
     *
     * @param chunk tokens of the chunk, 0 for none
     * @param start tokens before it
     * @param decodes decodes
     * @param context tokens each of them attends to
     * @param seconds the time
     */
    public record AttentionSample(int chunk, int start, int decodes, int context, double seconds) {
        /** Sum over the chunk's tokens of the tokens each attends to. */
        long chunkWork() {
            return StepWork.attendedInWindow(start, chunk, Integer.MAX_VALUE);
        }
    }

    /** Copies the tables. */
    public OperatorMeasurements {
        operations = Map.copyOf(operations);
        attention = List.copyOf(attention);
    }

    /**
     * Reads an MLP profile of Vidur.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static OperatorMeasurements vidur(Path profile) {
        return vidur(profile, row -> true);
    }

    /** The same with the rows of some numbers only, counted from 0. */
    static OperatorMeasurements vidur(Path profile, IntPredicate rows) {
        Csv csv = Csv.read(profile);
        int tokens = csv.column("num_tokens");
        int ranks = csv.column("num_tensor_parallel_workers");
        Map<String, List<Sample>> operations = new LinkedHashMap<>();
        for (String column : csv.names()) {
            if (column.startsWith(STATISTIC) && column.endsWith(MEDIAN)) {
                String name = column.substring(STATISTIC.length(), column.length() - MEDIAN.length());
                int time = csv.column(column);
                List<Sample> samples = new ArrayList<>();
                csv.forEach(rows, row -> {
                    // A rank that does not run the operation has no time.
                    if (!row[time].isBlank()) {
                        samples.add(new Sample(csv.integer(row, ranks), csv.integer(row, tokens), csv.number(row, time) * 1e-3));
                    }
                });
                operations.put(name, samples);
            }
        }
        return new OperatorMeasurements(operations, List.of());
    }

    /**
     * Reads tables of LLMServingSim, made with one rank.
     *
     * @param dense times of layers by tokens
     * @param perSequence times of layers by sequences
     * @param attention times of attention
     * @throws IllegalArgumentException if one is none
     */
    public static OperatorMeasurements servingSim(Path dense, Path perSequence, Path attention) {
        return servingSim(dense, perSequence, attention, row -> true);
    }

    /** The same with the rows of some numbers only, counted from 0 in each table. */
    static OperatorMeasurements servingSim(Path dense, Path perSequence, Path attention, IntPredicate rows) {
        Map<String, List<Sample>> operations = new LinkedHashMap<>();
        addLayers(Csv.read(dense), "tokens", rows, operations);
        addLayers(Csv.read(perSequence), "sequences", rows, operations);
        List<AttentionSample> samples = new ArrayList<>();
        Csv csv = Csv.read(attention);
        int[] columns = Arrays.stream(new String[] {"prefill_chunk", "kv_prefill", "n_decode", "kv_decode", "time_us"})
                .mapToInt(csv::column)
                .toArray();
        csv.forEach(rows, row -> samples.add(new AttentionSample(
                csv.integer(row, columns[0]), csv.integer(row, columns[1]), csv.integer(row, columns[2]),
                csv.integer(row, columns[3]), csv.number(row, columns[4]) * 1e-6)));
        return new OperatorMeasurements(operations, samples);
    }

    private static void addLayers(Csv csv, String rowsColumn, IntPredicate rows, Map<String, List<Sample>> operations) {
        int layer = csv.column("layer");
        int count = csv.column(rowsColumn);
        int time = csv.column("time_us");
        csv.forEach(rows, row -> operations
                .computeIfAbsent(row[layer], name -> new ArrayList<>())
                .add(new Sample(1, csv.integer(row, count), csv.number(row, time) * 1e-6)));
    }

    /**
     * Samples of an operation on one rank of some.
     *
     * @throws IllegalArgumentException if there are none; it names the operations there are
     */
    public List<Sample> of(String operation, int ranks) {
        List<Sample> samples = operations.getOrDefault(operation, List.of()).stream()
                .filter(sample -> sample.ranks() == ranks)
                .toList();
        if (samples.isEmpty()) {
            throw new IllegalArgumentException("nothing was measured of " + operation + " with " + ranks
                    + " ranks; there are " + String.join(", ", operations.keySet().stream().sorted().toList()));
        }
        return samples;
    }

    /** A table of comma-separated values without quotes. */
    record Csv(Path file, List<String> names, List<String[]> rows) {
        static Csv read(Path file) {
            try {
                List<String> lines = Files.readAllLines(file);
                if (lines.isEmpty()) {
                    throw new IllegalArgumentException(file + " is empty; a table of times was expected");
                }
                return new Csv(
                        file,
                        List.of(lines.getFirst().split(",")),
                        lines.stream().skip(1).filter(line -> !line.isBlank()).map(line -> line.split(",", -1)).toList());
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + file, e);
            }
        }

        int column(String name) {
            int column = names.indexOf(name);
            if (column < 0) {
                throw new IllegalArgumentException(file + " has no column " + name + "; it has " + String.join(", ", names));
            }
            return column;
        }

        void forEach(IntPredicate wanted, Consumer<String[]> use) {
            for (int i = 0; i < rows.size(); i++) {
                if (rows.get(i).length != names.size()) {
                    throw new IllegalArgumentException(
                            file + " line " + (i + 2) + " has " + rows.get(i).length + " fields, not " + names.size());
                }
                if (wanted.test(i)) {
                    use.accept(rows.get(i));
                }
            }
        }

        double number(String[] row, int column) {
            try {
                return Double.parseDouble(row[column]);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        file + ": \"" + row[column] + "\" in column " + names.get(column) + " is no number", e);
            }
        }

        int integer(String[] row, int column) {
            return (int) number(row, column);
        }
    }
}
