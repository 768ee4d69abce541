package dev.pillion.simulator.workload;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Reads recorded workloads. What a file is shows in its first line:
 *
 * <ul>
 * <li>CSV with a header: Azure's 2023 traces (TIMESTAMP, ContextTokens, GeneratedTokens), Splitwise's (arrived_at,
 *     num_prefill_tokens, num_decode_tokens), the same without arrivals (all at once, for their lengths), and our own
 *     (arrival_s, prompt_tokens, output_tokens and, if wanted, priority and deadline_s, which counts from the arrival).
 * <li>JSON lines: LLMServingSim's (arrival_time_ns, input_toks, output_toks and, if there, input_tok_ids and
 *     output_tok_ids) and Mooncake's (timestamp in milliseconds, input_length, output_length, hash_ids of 512 tokens
 *     each).
 * </ul>
 *
 * <p>The clock starts at the first arrival where the file has dates, and otherwise at the file's zero. Requests that are
 * not in order of arrival are sorted.
 */
public final class TraceReader {
    private TraceReader() {
    }

    /**
     * Reads a trace.
     *
     * @throws TraceFormatException if a line cannot be understood
     * @throws IOException if the file cannot be read
     */
    public static Trace read(Path file) throws IOException {
        List<Request> requests = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            String first = lines.readLine();
            if (first == null || first.isBlank()) {
                throw new TraceFormatException(file, 1, "header", "the file is empty");
            }
            boolean json = first.stripLeading().startsWith("{");
            RowReader rows = json ? new JsonRows(file) : new CsvRows(file, first);
            long number = json ? 1 : 2;
            for (String line = json ? first : lines.readLine(); line != null; line = lines.readLine(), number++) {
                if (!line.isBlank()) {
                    requests.add(rows.read(line, number, requests.size()));
                }
            }
        }
        requests.sort(Comparator.comparingLong(Request::arrivalNanos));
        for (int i = 0; i < requests.size(); i++) {
            Request request = requests.get(i);
            if (request.id() != i) {
                requests.set(i, request.at(i, request.arrivalNanos()));
            }
        }
        return new Trace(String.valueOf(file.getFileName()), requests);
    }

    /** Makes a request of a line. */
    interface RowReader {
        Request read(String line, long number, long id);
    }
}
