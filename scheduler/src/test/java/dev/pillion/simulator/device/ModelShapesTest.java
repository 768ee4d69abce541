package dev.pillion.simulator.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pillion.scheduler.ModelShape;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelShapesTest {
    /** Parameters in billions as the models' cards and papers print them. */
    private static final Map<String, Double> PUBLISHED = Map.ofEntries(
            Map.entry("llama-3.2-1b", 1.24),
            Map.entry("llama-3.2-3b", 3.21),
            Map.entry("llama-3.1-8b", 8.03),
            Map.entry("llama-3.1-70b", 70.6),
            Map.entry("llama-3.1-405b", 405.9),
            Map.entry("llama-2-7b", 6.74),
            Map.entry("llama-2-70b", 69.0),
            Map.entry("llama-13b", 13.0),
            Map.entry("llama-33b", 32.5),
            Map.entry("mistral-7b", 7.24),
            Map.entry("yi-34b", 34.4),
            Map.entry("qwen2.5-7b", 7.61),
            Map.entry("qwen2.5-32b", 32.5),
            Map.entry("qwen2.5-72b", 72.7),
            Map.entry("qwen3-8b", 8.2),
            Map.entry("qwen3-32b", 32.8),
            Map.entry("gpt3-175b", 175.0),
            Map.entry("falcon-180b", 180.0));

    @Test
    void parametersAreThePublishedOnes() {
        assertThat(ModelShapes.names()).containsExactlyInAnyOrderElementsOf(PUBLISHED.keySet());
        PUBLISHED.forEach((name, billions) -> assertThat(ModelShapes.named(name).parameters() / 1e9)
                .as(name)
                .isCloseTo(billions, within(0.01 * billions)));
    }

    @Test
    void theShapeIsThatOfTheCostModel() {
        TransformerSizes llama = ModelShapes.named("Llama-3.1-8B");
        ModelShape uniform = ModelShape.uniform(32, 4096, 32, 8, 128, 14336, 128_256, 16, 2, 2);
        assertThat(llama.shape(Quantisation.BF16, KvType.BF16)).isEqualTo(uniform);
        assertThat(llama.layers() * llama.layerWeights()).isEqualTo(uniform.linearWeights());
        ModelShape gpt = ModelShapes.named("gpt3-175b").shape(Quantisation.F16, KvType.FP8);
        assertThat(gpt.gateUpWeightBytes()).isEqualTo(gpt.downWeightBytes());
        assertThat(gpt.kvBytesPerToken()).isEqualTo(96L * 2 * 12288);
        ModelShape mistral = ModelShapes.named("mistral-7b").shape(Quantisation.Q4_0, KvType.BF16);
        assertThat(mistral.windowedLayers()).isEqualTo(32);
        assertThat(mistral.downWeightBytes()).isEqualTo(32L * 4096 * 14336 * 9 / 16);
    }

    @Test
    void ranksShareHeadsFeedForwardAndVocabulary() {
        TransformerSizes rank = ModelShapes.named("llama-3.1-70b").rank(4);
        assertThat(rank.heads()).isEqualTo(16);
        assertThat(rank.kvHeads()).isEqualTo(2);
        assertThat(rank.ffn()).isEqualTo(7168);
        assertThat(rank.vocab()).isEqualTo(32064);
        assertThat(rank.layerWeights() * 4).isEqualTo(ModelShapes.named("llama-3.1-70b").layerWeights());
        assertThat(ModelShapes.named("llama-3.1-405b").rank(16).kvHeads()).isEqualTo(1);
        assertThatThrownBy(() -> ModelShapes.named("llama-3.1-70b").rank(3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot be cut into 3 tensor-parallel ranks");
    }

    @Test
    void unknownNamesAreRefusedWithThoseKnown() {
        assertThatThrownBy(() -> ModelShapes.named("llama-4"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"llama-4\"")
                .hasMessageContaining("llama-3.1-8b");
        assertThatThrownBy(() -> Quantisation.named("q3_k")).hasMessageContaining("q4_k");
        assertThatThrownBy(() -> KvType.named("q8")).hasMessageContaining("fp8");
    }
}
