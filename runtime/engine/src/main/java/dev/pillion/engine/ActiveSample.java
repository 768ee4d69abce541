package dev.pillion.engine;

import dev.pillion.Completion;
import dev.pillion.FinishReason;
import dev.pillion.GeneratedToken;
import dev.pillion.model.tokenizer.Detokenizer;
import dev.pillion.model.tokenizer.SpecialText;
import dev.pillion.model.tokenizer.Tokenizer;
import dev.pillion.sampling.Sampler;
import dev.pillion.sampling.SamplerScratch;
import dev.pillion.sampling.StopMatcher;
import dev.pillion.sampling.TokenLogprob;
import dev.pillion.sampling.TokenLogprobs;
import dev.pillion.scheduler.Sequence;
import dev.pillion.spi.DeviceSampling;
import dev.pillion.spi.SamplingRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one sample of a request has produced, and what decides that it ends. Used by the engine thread only.
 *
 * <p>A sample ends with a token that ends a generation, a stop string, its request's token limit or the context. The text
 * held back, because it could have been the start of a stop string or of a character, comes out with the last token.
 */
final class ActiveSample {
    final ActiveRequest request;
    private final int index;
    private final Sampler sampler;
    private @Nullable Sequence sequence;
    private final Detokenizer detokenizer;
    private final StopMatcher stopMatcher;
    private final int[] endTokens;
    private final int maxTokens;
    private final int minTokens;
    private final StringBuilder text = new StringBuilder();
    private final List<Integer> tokens = new ArrayList<>();
    private final List<TokenLogprobs> logprobs = new ArrayList<>();
    private @Nullable FinishReason finishReason;
    private long lastTokenNanos;

    /**
     * Creates the state of a sample.
     *
     * @param request the request it belongs to
     * @param index which sample of it
     * @param sampler draws its tokens
     * @param tokenizer of the model
     * @param endTokens tokens that end it
     * @param maxTokens most tokens, by the request and by the context
     */
    ActiveSample(
            ActiveRequest request,
            int index,
            Sampler sampler,
            Tokenizer tokenizer,
            int[] endTokens,
            int maxTokens) {
        this.request = request;
        this.index = index;
        this.sampler = sampler;
        this.detokenizer = Detokenizer.continuing(tokenizer, SpecialText.OMIT);
        this.stopMatcher = new StopMatcher(request.request.stop());
        this.endTokens = endTokens;
        this.maxTokens = maxTokens;
        this.minTokens = request.request.stop().minTokens();
    }

    /** Ties the sample to what the scheduler knows of it. */
    void bind(Sequence value) {
        sequence = value;
    }

    /** What the scheduler knows of it; empty for a sample that was not forked yet. */
    Optional<Sequence> sequence() {
        return Optional.ofNullable(sequence);
    }

    boolean isFinished() {
        return finishReason != null;
    }

    /**
     * Draws the next token from a row of logits and says what a reader of the stream sees of it.
     *
     * @throws dev.pillion.sampling.SamplingException if no token can be drawn
     */
    GeneratedToken next(float[] logits, SamplerScratch scratch) {
        int id = sampler.sample(logits, 0, scratch);
        return accept(id, sampler.logprobs(logits, 0, id));
    }

    /** Whether how a token is to be chosen depends on which tokens came before it. */
    boolean dependsOnTokens() {
        return sampler.dependsOnTokens();
    }

    /** How many tokens {@link #describe} would name, at most. */
    int adjustments(int unknown) {
        return sampler.adjustments(unknown);
    }

    /**
     * Says how the next token is to be chosen, for a device that does it.
     *
     * @param unknown tokens before it that a running step is still to sample
     */
    void describe(SamplingRows rows, int unknown) {
        sampler.describe(rows, unknown);
    }

    /** Takes the token the device has chosen, and says what a reader of the stream sees of it. */
    GeneratedToken next(DeviceSampling device, int row) {
        int id = device.token(row);
        return accept(id, request.request.sampling().logprobs().isEmpty()
                ? Optional.empty()
                : Optional.of(logprobs(device, row, id)));
    }

    private static TokenLogprobs logprobs(DeviceSampling device, int row, int id) {
        List<TokenLogprob> top = new ArrayList<>();
        for (int i = 0; i < device.topCount(row); i++) {
            top.add(new TokenLogprob(device.topToken(row, i), device.topLogprob(row, i)));
        }
        return new TokenLogprobs(new TokenLogprob(id, device.logprob(row)), top);
    }

    private GeneratedToken accept(int id, Optional<TokenLogprobs> logprob) {
        sampler.accept(id);
        tokens.add(id);
        logprob.ifPresent(logprobs::add);
        return new GeneratedToken(index, id, show(id), logprob);
    }

    /** The last token drawn. */
    int lastToken() {
        return tokens.getLast();
    }

    /** How many tokens were drawn. */
    int tokenCount() {
        return tokens.size();
    }

    /** Notes that the last token drawn is handed over, and says how long after the one before. */
    long handOver(long nanos) {
        long gap = tokens.size() == 1 ? EngineTelemetry.FIRST_TOKEN : nanos - lastTokenNanos;
        lastTokenNanos = nanos;
        return gap;
    }

    /** Why it ended. */
    Optional<FinishReason> finishReason() {
        return Optional.ofNullable(finishReason);
    }

    /** Ends the sample where it is. */
    void cancel() {
        if (finishReason == null) {
            finishReason = FinishReason.CANCELLED;
        }
    }

    Completion completion() {
        return new Completion(text.toString(), tokens, finishReason == null ? FinishReason.CANCELLED : finishReason, logprobs);
    }

    private String show(int id) {
        boolean mayStop = tokens.size() >= minTokens;
        StringBuilder shown = new StringBuilder();
        if (mayStop && endsGeneration(id)) {
            finishReason = FinishReason.STOP;
        } else {
            String piece = detokenizer.append(id);
            shown.append(mayStop ? stopMatcher.append(piece) : stopMatcher.appendUnmatched(piece));
        }
        if (finishReason == null && tokens.size() >= maxTokens) {
            finishReason = FinishReason.LENGTH;
        }
        if (finishReason != null) {
            shown.append(stopMatcher.append(detokenizer.flush()));
        }
        if (stopMatcher.stopped()) {
            finishReason = FinishReason.STOP;
        }
        if (finishReason != null) {
            shown.append(stopMatcher.finish());
        }
        text.append(shown);
        return shown.toString();
    }

    private boolean endsGeneration(int id) {
        for (int end : endTokens) {
            if (end == id) {
                return true;
            }
        }
        return false;
    }
}
