package dev.pillion.engine;

import dev.pillion.GenerationRequest;
import dev.pillion.GenerationRequest.Prompt;
import dev.pillion.MemoryPlan;
import dev.pillion.PillionException;
import dev.pillion.model.Model;
import dev.pillion.model.tokenizer.Tokenizer;
import dev.pillion.sampling.Sampler;
import dev.pillion.sampling.SamplingParameterException;
import dev.pillion.sampling.SamplingParams;
import dev.pillion.sampling.StopConditions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Turns what a caller asks for into what the engine runs: tokens, samplers, limits. Runs on the caller's thread, so that
 * encoding a long prompt holds up nobody else, and refuses what can never be served.
 */
final class RequestFactory {
    private final Tokenizer tokenizer;
    private final int vocabularySize;
    private final MemoryPlan plan;
    private final Set<Integer> endTokens = new TreeSet<>();
    private final AtomicLong ids = new AtomicLong();
    private final SecureRandom seeds = new SecureRandom();

    /**
     * A factory for one model.
     *
     * @param model gives the tokenizer and the vocabulary
     * @param plan gives the context length
     */
    RequestFactory(Model model, MemoryPlan plan) {
        this.tokenizer = model.tokenizer();
        this.vocabularySize = model.description().vocabularySize();
        this.plan = plan;
        for (int id : tokenizer.endOfGenerationIds()) {
            endTokens.add(id);
        }
    }

    /**
     * Makes a request.
     *
     * @throws PillionException with code {@code BAD_REQUEST} if it can never be served
     */
    ActiveRequest create(GenerationRequest request) {
        int[] prompt = promptTokens(request.prompt());
        checkTokens(prompt);
        int room = plan.contextTokens() - prompt.length;
        if (room < 1) {
            throw refused("the prompt has " + prompt.length + " tokens, the context " + plan.contextTokens()
                    + ": no room to generate; shorten the prompt or open the engine with more contextTokens");
        }
        long seed = request.sampling().seed().orElseGet(seeds::nextLong);
        ActiveRequest active = new ActiveRequest(ids.getAndIncrement(), request, prompt, seed, System.nanoTime());
        active.bind(
                new StreamedGeneration(active.id, active::requestCancel),
                samples(request, prompt, seed, Math.min(room, request.stop().maxTokens())));
        return active;
    }

    /**
     * Refuses token ids the model does not have, and sequences longer than the context.
     *
     * @throws PillionException with code {@code BAD_REQUEST}
     */
    void checkTokens(int[] tokens) {
        if (tokens.length == 0) {
            throw refused("the prompt has no tokens; give at least one");
        }
        if (tokens.length > plan.contextTokens()) {
            throw refused("the prompt has " + tokens.length + " tokens, the context " + plan.contextTokens());
        }
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i] < 0 || tokens[i] >= vocabularySize) {
                throw refused("token id " + tokens[i] + " at " + i + " is not within 0 to " + (vocabularySize - 1));
            }
        }
    }

    private int[] promptTokens(Prompt prompt) {
        return switch (prompt) {
            case Prompt.Text text -> tokenizer.encode(text.text(), text.options());
            case Prompt.Tokens tokens -> tokens.ids();
        };
    }

    private List<ActiveSample> samples(GenerationRequest request, int[] prompt, long seed, int maxTokens) {
        StopConditions stop = request.stop();
        int[] ending = stop.endingTokens(endTokens);
        List<ActiveSample> samples = new ArrayList<>(request.samples());
        for (int i = 0; i < request.samples(); i++) {
            samples.add(new ActiveSample(i, request, sampler(request, prompt, seed + i), tokenizer, ending, maxTokens));
        }
        return samples;
    }

    private Sampler sampler(GenerationRequest request, int[] prompt, long seed) {
        SamplingParams params = request.sampling().toBuilder().seed(seed).build();
        try {
            return new Sampler(params, request.stop(), endTokens, vocabularySize, prompt);
        } catch (SamplingParameterException e) {
            throw new PillionException(PillionException.Code.BAD_REQUEST, String.valueOf(e.getMessage()), e);
        }
    }

    private static PillionException refused(String why) {
        return new PillionException(PillionException.Code.BAD_REQUEST, why);
    }
}
