package dev.pillion.benchmarks.gpu;

import dev.pillion.EngineOptions;
import dev.pillion.model.TensorType;
import dev.pillion.model.architecture.ModelDescription;

/**
 * An engine to measure: a model of random weights and the options that matter here.
 *
 * @param description the model's shape
 * @param type storage type of its matrices
 * @param scheduling planner by name
 * @param chunkTokens token budget of a step
 * @param maxSequences most sequences that run at once
 * @param contextTokens longest sequence
 * @param prefixCache whether computed prompts are kept and shared
 */
record EngineSetup(
        ModelDescription description,
        TensorType type,
        String scheduling,
        int chunkTokens,
        int maxSequences,
        int contextTokens,
        boolean prefixCache) {

    /** Shape as rows name it: {@code Llama-3.1-8B BF16}. */
    String shape() {
        return description.name() + " " + type;
    }

    EngineSetup withScheduling(String planner, int chunk) {
        return new EngineSetup(description, type, planner, chunk, maxSequences, contextTokens, prefixCache);
    }

    EngineSetup withPrefixCache() {
        return new EngineSetup(description, type, scheduling, chunkTokens, maxSequences, contextTokens, true);
    }

    EngineOptions.Builder options() {
        return EngineOptions.builder()
                .scheduling(scheduling)
                .chunkTokens(chunkTokens)
                .maxSequences(maxSequences)
                .contextTokens(contextTokens)
                .prefixCache(prefixCache);
    }
}
