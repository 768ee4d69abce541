package dev.pillion.simulator.workload;

import dev.pillion.scheduler.Sequence;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of a CSV trace whose columns the header names. No trace we know of quotes a value, so quotes are refused. */
final class CsvRows implements TraceReader.RowReader {
    private final Path file;
    private final List<String> columns;
    private final int arrival;
    private final boolean dated;
    private final int prompt;
    private final int output;
    private final int priority;
    private final int deadline;
    private @Nullable LocalDateTime epoch;

    CsvRows(Path file, String header) {
        this.file = file;
        columns = List.of(header.strip().split("\\s*,\\s*", -1));
        dated = columns.contains("TIMESTAMP");
        arrival = find("TIMESTAMP", "arrived_at", "arrival_s");
        prompt = find("ContextTokens", "num_prefill_tokens", "prompt_tokens");
        output = find("GeneratedTokens", "num_decode_tokens", "output_tokens");
        priority = find("priority");
        deadline = find("deadline_s");
        if (prompt < 0 || output < 0) {
            throw new TraceFormatException(file, 1, prompt < 0 ? "prompt_tokens" : "output_tokens",
                    "no such column among " + columns + "; known are TIMESTAMP,ContextTokens,GeneratedTokens and "
                            + "arrived_at,num_prefill_tokens,num_decode_tokens and arrival_s,prompt_tokens,output_tokens");
        }
    }

    private int find(String... names) {
        for (String name : names) {
            int at = columns.indexOf(name);
            if (at >= 0) {
                return at;
            }
        }
        return -1;
    }

    @Override
    public Request read(String line, long number, long id) {
        String[] values = line.split(",", -1);
        if (values.length != columns.size()) {
            throw new TraceFormatException(file, number, columns.get(Math.min(values.length, columns.size()) - 1),
                    values.length + " values for " + columns.size() + " columns");
        }
        long arrivalNanos = arrival < 0 ? 0 : dated ? date(values, number) : seconds(values, arrival, number);
        int promptTokens = count(values, prompt, number);
        int outputTokens = count(values, output, number);
        int importance = priority < 0 ? 0 : (int) integer(values, priority, number, Integer.MIN_VALUE);
        boolean due = deadline >= 0 && !values[deadline].isBlank();
        long deadlineNanos = due ? arrivalNanos + seconds(values, deadline, number) : Sequence.NO_DEADLINE;
        return new Request(
                id, arrivalNanos, promptTokens, outputTokens, importance, deadlineNanos, 0, PromptContent.UNSHARED);
    }

    private int count(String[] values, int column, long number) {
        return (int) integer(values, column, number, 1);
    }

    private long integer(String[] values, int column, long number, int least) {
        String value = values[column].strip();
        try {
            double parsed = Double.parseDouble(value);
            if (parsed == Math.rint(parsed) && parsed >= least && parsed <= 1 << 30) {
                return (long) parsed;
            }
        } catch (NumberFormatException notANumber) {
            // Reported below, with the numbers that are out of range.
        }
        throw new TraceFormatException(file, number, columns.get(column),
                "'" + value + "' is not a whole number of " + least + " at least and 2^30 at most");
    }

    private long seconds(String[] values, int column, long number) {
        String value = values[column].strip();
        try {
            double parsed = Double.parseDouble(value);
            if (parsed >= 0 && parsed < 4e9) {
                return Math.round(parsed * 1e9);
            }
        } catch (NumberFormatException notANumber) {
            // Reported below, with the numbers that are out of range.
        }
        throw new TraceFormatException(file, number, columns.get(column), "'" + value + "' is not a time in seconds");
    }

    private long date(String[] values, long number) {
        String value = values[arrival].strip();
        try {
            LocalDateTime time = LocalDateTime.parse(value.replace(' ', 'T'));
            if (epoch == null) {
                epoch = time;
            }
            long nanos = epoch.until(time, ChronoUnit.NANOS);
            if (nanos >= 0) {
                return nanos;
            }
            throw new TraceFormatException(file, number, columns.get(arrival), value + " is before the first row's " + epoch);
        } catch (DateTimeParseException bad) {
            throw new TraceFormatException(file, number, columns.get(arrival),
                    "'" + value + "' is not a date and time like 2023-11-16 18:15:46.6805900");
        }
    }
}
