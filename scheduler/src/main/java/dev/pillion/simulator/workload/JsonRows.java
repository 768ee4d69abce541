package dev.pillion.simulator.workload;

import dev.pillion.scheduler.Sequence;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Rows of a trace in JSON lines. */
final class JsonRows implements TraceReader.RowReader {
    /** Tokens behind each hash of Mooncake's traces. */
    private static final int HASHED_BLOCK_TOKENS = 512;

    private final Path file;

    JsonRows(Path file) {
        this.file = file;
    }

    @Override
    public Request read(String line, long number, long id) {
        JsonLine json = new JsonLine(file, number, line);
        boolean hashed = json.has("input_length");
        int prompt = (int) json.number(hashed ? "input_length" : "input_toks", 1, 1 << 30);
        int output = (int) json.number(hashed ? "output_length" : "output_toks", 1, 1 << 30);
        long arrival = hashed
                ? Math.round(json.number("timestamp", 0, 4e12) * 1e6)
                : (long) json.number("arrival_time_ns", 0, 4e18);
        return new Request(id, arrival, prompt, output, 0, Sequence.NO_DEADLINE, 0, content(json, prompt, number));
    }

    private PromptContent content(JsonLine json, int prompt, long number) {
        long @Nullable [] hashes = json.array("hash_ids");
        if (hashes != null) {
            return new PromptContent.BlockHashes(hashes, HASHED_BLOCK_TOKENS);
        }
        long @Nullable [] ids = json.array("input_tok_ids");
        if (ids == null) {
            return PromptContent.UNSHARED;
        }
        if (ids.length < prompt) {
            throw new TraceFormatException(file, number, "input_tok_ids", ids.length + " ids for input_toks " + prompt);
        }
        long @Nullable [] answer = json.array("output_tok_ids");
        return new PromptContent.Tokens(toInts(ids), answer == null ? new int[0] : toInts(answer));
    }

    private static int[] toInts(long[] ids) {
        int[] tokens = new int[ids.length];
        Arrays.setAll(tokens, i -> (int) ids[i]);
        return tokens;
    }
}
