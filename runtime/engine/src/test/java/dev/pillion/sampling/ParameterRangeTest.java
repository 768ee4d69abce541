package dev.pillion.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.DoubleConsumer;
import org.junit.jupiter.api.Test;

class ParameterRangeTest {
    private static final double NAN = Double.NaN;
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    /** Each value must be refused with a message of parameter, value and range. */
    private static void refuses(String parameter, String range, DoubleConsumer set, double... values) {
        for (double value : values) {
            assertThatThrownBy(() -> set.accept(value))
                    .isInstanceOfSatisfying(SamplingParameterException.class,
                            e -> assertThat(e.parameter()).isEqualTo(parameter))
                    .hasMessageStartingWith(parameter + " is " + value + "; allowed: " + range);
        }
    }

    private static void accepts(DoubleConsumer set, double... values) {
        for (double value : values) {
            assertThatCode(() -> set.accept(value)).as("value %s", value).doesNotThrowAnyException();
        }
    }

    private static SamplingParams.Builder params() {
        return SamplingParams.builder();
    }

    @Test
    void fractions() {
        DoubleConsumer topP = v -> params().topP(v).build();
        refuses("topP", "greater than 0.0 and at most 1.0", topP, 0, -0.1, 1.0001, NAN, INFINITY);
        accepts(topP, 1e-300, 0.5, 1);
        DoubleConsumer typicalP = v -> params().typicalP(v).build();
        refuses("typicalP", "greater than 0.0 and at most 1.0", typicalP, 0, -0.1, 1.0001, NAN);
        accepts(typicalP, 0.5, 1);
        DoubleConsumer minP = v -> params().minP(v).build();
        refuses("minP", "0.0 to 1.0, both included", minP, -0.1, 1.0001, NAN);
        accepts(minP, 0, 0.5, 1);
    }

    @Test
    void temperature() {
        DoubleConsumer temperature = v -> params().temperature(v).build();
        refuses("temperature", "greater than 0.0 and at most 100.0", temperature, 0, -0.0, -1, 101, NAN, INFINITY);
        accepts(temperature, 0.001, 1, 100);
        assertThatThrownBy(() -> temperature.accept(0)).hasMessageEndingWith("use greedy()");
    }

    @Test
    void penalties() {
        DoubleConsumer repetition = v -> params().repetitionPenalty(v).build();
        refuses("repetitionPenalty", "greater than 0.0 and at most 100.0", repetition, 0, -1, 101, NAN);
        accepts(repetition, 0.5, 1, 100);
        DoubleConsumer frequency = v -> params().frequencyPenalty(v).build();
        refuses("frequencyPenalty", "-2.0 to 2.0, both included", frequency, -2.1, 2.1, NAN);
        accepts(frequency, -2, 0, 2);
        DoubleConsumer presence = v -> params().presencePenalty(v).build();
        refuses("presencePenalty", "-2.0 to 2.0, both included", presence, -2.1, 2.1, NAN);
        accepts(presence, -2, 0, 2);
    }

    @Test
    void counts() {
        assertThatThrownBy(() -> params().topK(-1).build()).hasMessage("topK is -1; allowed: 0 or more");
        assertThatThrownBy(() -> params().repetitionWindow(0).build())
                .hasMessage("repetitionWindow is 0; allowed: 1 or more");
        assertThatThrownBy(() -> params().logprobs(21).build()).hasMessage("logprobs is 21; allowed: 0 to 20");
        assertThatThrownBy(() -> params().logprobs(-1).build()).isInstanceOf(SamplingParameterException.class);
        assertThat(params().logprobs(20).build().logprobs()).hasValue(20);
    }

    @Test
    void bias() {
        DoubleConsumer bias = v -> params().logitBias(7, v).build();
        refuses("logitBias[7]", "any finite number, or -Infinity", bias, NAN, INFINITY);
        assertThatThrownBy(() -> params().logitBias(-1, 1).build())
                .hasMessageContaining("allowed token ids: 0 or more");
        SamplingParams params = params().logitBias(7, 1).logitBias(7, -100).ban(3).build();
        assertThat(params.logitBias()).isEqualTo(Map.of(3, Double.NEGATIVE_INFINITY, 7, -100.0));
        assertThatThrownBy(() -> params.logitBias().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void aCopyEqualsItsSource() {
        SamplingParams params = params().greedy().temperature(0.5).topK(3).topP(0.6).minP(0.1).typicalP(0.7)
                .repetitionPenalty(1.2).repetitionWindow(9).frequencyPenalty(0.3).presencePenalty(0.4)
                .logitBias(1, 2).seed(8).logprobs(2).build();
        assertThat(params.toBuilder().build()).isEqualTo(params).hasSameHashCodeAs(params);
        assertThat(SamplingParams.defaults().seed()).isEqualTo(OptionalLong.empty());
        assertThat(SamplingParams.defaults().logprobs()).isEqualTo(OptionalInt.empty());
        assertThat(SamplingParams.greedy().isGreedy()).isTrue();
    }

    @Test
    void stopConditions() {
        StopConditions.Builder builder = StopConditions.builder();
        assertThatThrownBy(() -> StopConditions.builder().maxTokens(0).build())
                .hasMessage("maxTokens is 0; allowed: 1 or more");
        assertThatThrownBy(() -> StopConditions.builder().minTokens(6).maxTokens(5).build())
                .hasMessage("minTokens is 6; allowed: 0 to 5");
        assertThatThrownBy(() -> StopConditions.builder().stopStrings("a", "").build())
                .hasMessage("stopStrings[1] is 0 chars long; allowed: 1 to 1024");
        assertThatThrownBy(() -> StopConditions.builder().stopStrings("x".repeat(1025)).build())
                .isInstanceOf(SamplingParameterException.class);
        assertThatThrownBy(() -> StopConditions.builder().stopStrings("\uDE00").build())
                .hasMessageContaining("unpaired surrogate");
        assertThatThrownBy(() -> StopConditions.builder().stopStrings(Collections.nCopies(33, "a")).build())
                .hasMessage("stopStrings is 33 strings; allowed: at most 32");
        assertThatThrownBy(() -> StopConditions.builder().stopTokenIds(Set.of(-4)).build())
                .hasMessage("stopTokenIds is -4; allowed: 0 or more");
        StopConditions stops = builder.stopStrings(List.of("x")).stopTokenIds(Set.of(9, 2)).minTokens(1).build();
        assertThat(stops.endingTokens(Set.of(5))).containsExactly(2, 5, 9);
        assertThat(builder.ignoreEos(true).build().endingTokens(Set.of(5))).containsExactly(2, 9);
        assertThat(stops.maxTokens()).isEqualTo(StopConditions.UNLIMITED);
    }
}
