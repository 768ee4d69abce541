package dev.pillion.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.GenerationRequest;
import dev.pillion.GenerationRequest.Prompt;
import dev.pillion.model.tokenizer.EncodeOptions;
import dev.pillion.sampling.SamplingParams;
import dev.pillion.sampling.StopConditions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchItemTest {
    private static final BatchItem.Defaults DEFAULTS = new BatchItem.Defaults(
            SamplingParams.builder().greedy().seed(7).build(),
            StopConditions.builder().maxTokens(9).build(),
            EncodeOptions.PROMPT);

    private static List<BatchItem> read(String text) {
        return BatchItem.readAll(text, "in.jsonl", DEFAULTS);
    }

    @Test
    void everyFieldArrives() {
        BatchItem item = read("""

                {"id": 12, "tokens": [1, 2, 3], "max_tokens": 5, "min_tokens": 2, "temperature": 0.5, "top_k": 3,\
                 "top_p": 0.9, "min_p": 0.1, "seed": -4, "stop": ["a", "b"], "stop_tokens": [8], "ignore_eos": true,\
                 "repetition_penalty": 1.5, "frequency_penalty": 0.25, "presence_penalty": -1}
                """).getFirst();
        GenerationRequest request = item.request();
        assertThat(item.id()).contains(12L);
        assertThat(((Prompt.Tokens) request.prompt()).ids()).containsExactly(1, 2, 3);
        SamplingParams sampling = request.sampling();
        assertThat(sampling.isGreedy()).isFalse();
        assertThat(sampling.temperature()).isEqualTo(0.5);
        assertThat(sampling.topK()).isEqualTo(3);
        assertThat(sampling.topP()).isEqualTo(0.9);
        assertThat(sampling.minP()).isEqualTo(0.1);
        assertThat(sampling.seed()).hasValue(-4);
        assertThat(sampling.repetitionPenalty()).isEqualTo(1.5);
        assertThat(sampling.frequencyPenalty()).isEqualTo(0.25);
        assertThat(sampling.presencePenalty()).isEqualTo(-1);
        StopConditions stop = request.stop();
        assertThat(stop.maxTokens()).isEqualTo(5);
        assertThat(stop.minTokens()).isEqualTo(2);
        assertThat(stop.stopStrings()).containsExactly("a", "b");
        assertThat(stop.stopTokenIds()).containsExactly(8);
        assertThat(stop.ignoreEos()).isTrue();
    }

    @Test
    void whatALineDoesNotSayIsTheCommandLines() {
        GenerationRequest request = read("{\"prompt\":\"x\",\"stop\":\"y\"}").getFirst().request();
        assertThat(request.sampling()).isEqualTo(DEFAULTS.sampling());
        assertThat(request.stop()).isEqualTo(DEFAULTS.stop().toBuilder().stopStrings(List.of("y")).build());
        assertThat(request.prompt()).isEqualTo(new Prompt.Text("x", EncodeOptions.PROMPT));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{\"prompt\":\"x\"} | true",
        "{\"prompt\":\"x\",\"temperature\":0} | true",
        "{\"prompt\":\"x\",\"temperature\":0,\"top_k\":4} | true",
        "{\"prompt\":\"x\",\"temperature\":0.2} | false",
        "{\"prompt\":\"x\",\"top_k\":4} | false"
    })
    void aLineDrawsIfItAsksForDraws(String line, boolean greedy) {
        assertThat(read(line).getFirst().request().sampling().isGreedy()).isEqualTo(greedy);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{\"prompt\":\"x\",\"max_tokns\":4} | line 2 has an unknown field \"max_tokns\"; known are frequency_penalty",
        "{\"prompt\":\"x\",\"tokens\":[1]} | line 2 needs either",
        "{} | line 2 needs either",
        "[] | line 2 is no JSON object",
        "{\"prompt\":\"x\" | line 2 is no JSON",
        "{\"prompt\":3} | line 2 \"prompt\" is no text",
        "{\"tokens\":[1,null]} | line 2 \"tokens\" is no whole number",
        "{\"tokens\":[-1]} | line 2 \"tokens\" is -1",
        "{\"prompt\":\"x\",\"id\":1.5} | line 2 \"id\" is no text",
        "{\"prompt\":\"x\",\"top_p\":2} | line 2: topP is 2.0",
        "{\"prompt\":\"x\",\"max_tokens\":0} | line 2: maxTokens is 0",
        "{\"prompt\":\"x\",\"stop\":[null]} | line 2 \"stop\" is no text",
        "{\"prompt\":\"x\",\"ignore_eos\":1} | line 2 \"ignore_eos\" is neither"
    })
    void whatIsWrongIsNamedWithItsLine(String line, String message) {
        assertThatThrownBy(() -> read("{\"prompt\":\"fine\"}\n" + line))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("in.jsonl " + message);
    }

    @Test
    void anEmptyFileIsRefused() {
        assertThatThrownBy(() -> read(" \n")).isInstanceOf(CliException.class).hasMessageContaining("no requests");
    }
}
