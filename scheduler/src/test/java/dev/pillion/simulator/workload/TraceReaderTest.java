package dev.pillion.simulator.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pillion.scheduler.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Recorded traces and what is wrong with them. */
class TraceReaderTest {
    @TempDir
    private Path folder;

    private List<Request> read(String name, String text) throws IOException {
        return TraceReader.read(Files.writeString(folder.resolve(name), text)).requests();
    }

    @Test
    void azure() throws IOException {
        List<Request> requests = read("azure.csv", """
                TIMESTAMP,ContextTokens,GeneratedTokens
                2023-11-16 18:15:46.6805900,374,44
                2023-11-16 18:15:50.9951690,396,109
                """);
        assertThat(requests).containsExactly(new Request(0, 0, 374, 44), new Request(1, 4_314_579_000L, 396, 109));
    }

    @Test
    void splitwiseAndTablesOfLengths() throws IOException {
        assertThat(read("s.csv", "arrived_at,num_prefill_tokens,num_decode_tokens\n0.052,3180,8\n"))
                .containsExactly(new Request(0, 52_000_000, 3180, 8));
        assertThat(read("l.csv", "num_prefill_tokens,num_decode_tokens,num_total_tokens,pd_ratio\n3772,54,3826,69.8\n"))
                .containsExactly(new Request(0, 0, 3772, 54));
    }

    @Test
    void ownColumnsInAnyOrderAndSortedByArrival() throws IOException {
        List<Request> requests = read("own.csv", """
                priority,prompt_tokens,output_tokens,arrival_s,deadline_s
                1,10,5,2.5,0.5

                0,11,6,1,
                """);
        assertThat(requests).containsExactly(
                new Request(0, 1_000_000_000L, 11, 6),
                new Request(1, 2_500_000_000L, 10, 5, 1, 3_000_000_000L, 0, PromptContent.UNSHARED));
        assertThat(requests.get(0).deadlineNanos()).isEqualTo(Sequence.NO_DEADLINE);
    }

    @Test
    void jsonLinesWithTokens() throws IOException {
        String line = "{\"input_toks\": 3, \"output_toks\":2,\"x\":{\"a\":[\"]\"]},\"arrival_time_ns\": 46926808,"
                + "\"input_tok_ids\":[5, 6,7],\"output_tok_ids\":[8,-9]}\n";
        List<Request> requests = read("sim.jsonl", line + line.replace("46926808", "5e7"));
        Request first = requests.getFirst();
        int[] prompt = new int[3];
        first.content().fill(first, prompt);
        assertThat(prompt).containsExactly(5, 6, 7);
        assertThat(first.content().generated(first, 1)).isEqualTo(-9);
        assertThat(first.arrivalNanos()).isEqualTo(46_926_808);
        assertThat(requests.get(1).arrivalNanos()).isEqualTo(50_000_000);
    }

    @Test
    void mooncake() throws IOException {
        Trace trace = TraceReader.read(Files.writeString(folder.resolve("m.jsonl"),
                "{\"timestamp\": 3000, \"input_length\": 600, \"output_length\": 52, \"hash_ids\": [46, 2353]}\n"));
        Request request = trace.requests().getFirst();
        assertThat(request.arrivalNanos()).isEqualTo(3_000_000_000L);
        assertThat(request.content()).isInstanceOf(PromptContent.BlockHashes.class);
        assertThat(trace.sharesPrefixes()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "`a,b\n1,2\n` | line 1, field prompt_tokens: no such column",
        "`arrival_s,prompt_tokens,output_tokens\n0,1,1\n1,2\n` | line 3, field prompt_tokens: 2 values for 3 columns",
        "`arrival_s,prompt_tokens,output_tokens\n0,x,1\n` | line 2, field prompt_tokens: 'x' is not a whole number",
        "`arrival_s,prompt_tokens,output_tokens\n0,5,0\n` | line 2, field output_tokens: '0' is not a whole number of 1",
        "`arrival_s,prompt_tokens,output_tokens\n\n-1,5,1\n` | line 3, field arrival_s: '-1' is not a time",
        "`TIMESTAMP,ContextTokens,GeneratedTokens\nyesterday,5,1\n` | line 2, field TIMESTAMP: 'yesterday' is not a date",
        "`{\"input_toks\":1,\"output_toks\":1}` | line 1, field arrival_time_ns: is missing among",
        "`{\"input_toks\":\"1\",\"output_toks\":1,\"arrival_time_ns\":0}` | line 1, field input_toks: the value is not a",
        "`{\"input_toks\":2,\"output_toks\":1,\"arrival_time_ns\":0,\"input_tok_ids\":[1]}` | field input_tok_ids: 1 ids",
        "`{\"input_toks\":2,\"output_toks\":1,\"arrival_time_ns\":0,\"input_tok_ids\":[1.5,2]}` | is not an array of whole",
        "`{\"input_toks\":2` | line 1, field object: the line ends in the middle",
        "`{\"input_toks\":2} x` | line 1, field object: something follows it at column 18",
        "`{\"input_toks\":yes}` | line 1, field input_toks: 'yes' at column 15 is no value"
    })
    void badFilesAreRefusedByFileLineAndField(String text, String message) {
        assertThatThrownBy(() -> read("bad.txt", text)).isInstanceOf(TraceFormatException.class)
                .hasMessageContaining("bad.txt").hasMessageContaining(message);
    }

    @Test
    void anEmptyFileIsRefused() {
        assertThatThrownBy(() -> read("empty.csv", "")).isInstanceOf(TraceFormatException.class)
                .hasMessageContaining("line 1").hasMessageContaining("empty");
    }

    private static Trace shared(String name) throws IOException {
        Path file = Path.of(System.getProperty("pillion.test.data", "absent"), "data", "traces").resolve(name);
        if (!Files.exists(file)) {
            String reason = "no trace at " + file + " (system property pillion.test.data)";
            if ("true".equals(System.getenv("CI"))) {
                throw new AssertionError(reason);
            }
            System.out.println("skipped: " + reason);
            Assumptions.abort(reason);
        }
        return TraceReader.read(file);
    }

    @Test
    void publishedTracesAreWhatTheirPapersSay() throws IOException {
        Trace conversation = shared("azure-2023/AzureLLMInferenceTrace_conv.csv");
        Trace same = shared("vidur/splitwise_conv.csv");
        assertThat(conversation.size()).isEqualTo(19_366).isEqualTo(same.size());
        for (int i = 0; i < conversation.size(); i++) {
            Request a = conversation.requests().get(i);
            Request b = same.requests().get(i);
            assertThat(a.promptTokens()).isEqualTo(b.promptTokens());
            assertThat(a.outputTokens()).isEqualTo(b.outputTokens());
            assertThat((double) a.arrivalNanos()).isCloseTo(b.arrivalNanos(), within(2e3));
        }
        assertThat(shared("azure-2023/AzureLLMInferenceTrace_code.csv").size()).isEqualTo(8_819);
        Trace chat = shared("llmservingsim/sharegpt-llama-3.1-8b-300-sps10.jsonl");
        assertThat(chat.size()).isEqualTo(300);
        assertThat(chat.sharesPrefixes()).isTrue();
    }
}
