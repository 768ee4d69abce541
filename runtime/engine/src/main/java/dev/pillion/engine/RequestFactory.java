package dev.pillion.engine;

import dev.pillion.GenerationRequest;
import dev.pillion.GenerationRequest.Prompt;
import dev.pillion.MemoryPlan;
import dev.pillion.PillionException;
import dev.pillion.model.Model;
import dev.pillion.sampling.Sampler;
import dev.pillion.sampling.SamplingParameterException;
import dev.pillion.sampling.SamplingParams;
import dev.pillion.scheduler.Sequence;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Turns what a caller asks for into what the engine runs: tokens, samplers, limits. Runs on the caller's thread, so that
 * encoding a long prompt holds up nobody else, and refuses what can never be served.
 */
final class RequestFactory {
    private static final Duration FARTHEST_DEADLINE = Duration.ofDays(365);

    private final Model model;
    private final int vocabularySize;
    private final MemoryPlan plan;
    private final int maxSequences;
    private final EngineTelemetry telemetry;
    private final AtomicLong ids = new AtomicLong();

    /**
     * A factory for one model.
     *
     * @param model gives the tokenizer and the vocabulary
     * @param plan gives the context length and the size of the KV cache
     * @param maxSequences most sequences that run at once
     * @param telemetry says when requests arrive, and hears what becomes of them
     */
    RequestFactory(Model model, MemoryPlan plan, int maxSequences, EngineTelemetry telemetry) {
        this.model = model;
        this.vocabularySize = model.description().vocabularySize();
        this.plan = plan;
        this.maxSequences = maxSequences;
        this.telemetry = telemetry;
    }

    /**
     * Makes a request.
     *
     * @param request what the caller asks for
     * @param onCancel called when the caller cancels
     * @throws PillionException with code {@code BAD_REQUEST} if it can never be served
     */
    ActiveRequest create(GenerationRequest request, Consumer<ActiveRequest> onCancel) {
        int[] prompt = promptTokens(request.prompt());
        checkTokens(prompt);
        int room = plan.contextTokens() - prompt.length;
        if (room < 1) {
            throw refused("the prompt has " + prompt.length + " tokens, the context " + plan.contextTokens()
                    + ": no room to generate; shorten the prompt or open the engine with a longer one (contextTokens, --context)");
        }
        int maxTokens = Math.min(room, request.stop().maxTokens());
        checkFits(prompt.length, maxTokens, request.samples());
        long id = ids.getAndIncrement();
        long now = telemetry.now();
        SamplingParams sampling = request.sampling().withChosenSeed();
        AtomicReference<ActiveRequest> self = new AtomicReference<>();
        StreamedGeneration generation = new StreamedGeneration(id, () -> onCancel.accept(self.get()));
        ActiveRequest active = new ActiveRequest(
                id, request, generation, prompt.length, sampling.seed().getAsLong(), now, telemetry);
        self.set(active);
        addSamples(active, prompt, sampling, maxTokens);
        active.samples.getFirst().bind(sequence(active, prompt, maxTokens, now));
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

    /** Token ids of a prompt. */
    int[] promptTokens(Prompt prompt) {
        return switch (prompt) {
            case Prompt.Text text -> model.tokenizer().encode(text.text(), text.options());
            case Prompt.Tokens tokens -> tokens.ids();
        };
    }

    private void checkFits(int promptTokens, int maxTokens, int samples) {
        if (samples > maxSequences) {
            throw refused(samples + " samples are asked for, but the engine runs " + maxSequences
                    + " sequences at once; ask for fewer or open the engine with more maxSequences");
        }
        // The last token's keys and values are never computed.
        long tokens = (long) promptTokens + maxTokens - 1;
        if (tokens > plan.kvTokens()) {
            throw refused("the request may need the keys and values of " + tokens + " tokens (" + promptTokens
                    + " of the prompt), the KV cache holds " + plan.kvTokens()
                    + "; ask for fewer tokens or open the engine with more of them (kvBytes, --kv-bytes)");
        }
    }

    private void addSamples(ActiveRequest active, int[] prompt, SamplingParams sampling, int maxTokens) {
        GenerationRequest request = active.request;
        int[] ending = request.stop().endingTokens(endTokens());
        for (int i = 0; i < request.samples(); i++) {
            active.add(new ActiveSample(
                    active, i, sampler(request, prompt, sampling.forChoice(i)), model.tokenizer(), ending, maxTokens));
        }
    }

    private static Sequence sequence(ActiveRequest active, int[] prompt, int maxTokens, long now) {
        GenerationRequest request = active.request;
        Sequence.Builder builder = Sequence.builder(sequenceId(active, 0), prompt)
                .maxTokens(maxTokens)
                .arrivalNanos(now)
                .priority(request.priority())
                .salt(salt(request.cacheSalt()))
                .samples(request.samples())
                .owner(active.samples.getFirst());
        request.deadline().ifPresent(deadline -> builder.deadlineNanos(now + boundedNanos(deadline)));
        return builder.build();
    }

    /** A deadline further away than a year means nothing, and its nanoseconds might not fit a long. */
    private static long boundedNanos(Duration deadline) {
        if (deadline.compareTo(FARTHEST_DEADLINE) > 0) {
            return FARTHEST_DEADLINE.toNanos();
        }
        return deadline.isNegative() ? 0 : deadline.toNanos();
    }

    /** A number no other sample's sequence has. */
    static long sequenceId(ActiveRequest request, int sample) {
        return request.id * GenerationRequest.MAX_SAMPLES + sample;
    }

    private static long salt(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Resolved at the first request with text or sampling: logits need no tokenizer, and a model may lack one. */
    private Set<Integer> endTokens() {
        Set<Integer> known = new TreeSet<>();
        for (int id : model.tokenizer().endOfGenerationIds()) {
            known.add(id);
        }
        return known;
    }

    private Sampler sampler(GenerationRequest request, int[] prompt, SamplingParams params) {
        try {
            return new Sampler(params, request.stop(), endTokens(), vocabularySize, prompt);
        } catch (SamplingParameterException e) {
            throw new PillionException(PillionException.Code.BAD_REQUEST, String.valueOf(e.getMessage()), e);
        }
    }

    private static PillionException refused(String why) {
        return new PillionException(PillionException.Code.BAD_REQUEST, why);
    }
}
