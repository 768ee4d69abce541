package dev.pillion;

import dev.pillion.model.tokenizer.EncodeOptions;
import dev.pillion.sampling.SamplingParams;
import dev.pillion.sampling.StopConditions;
import java.time.Duration;
import java.util.Optional;

/**
 * What to generate. Immutable; made by {@link #builder(String)} or {@link #builder(int[])}.
 *
 * <pre>{@code
 * GenerationRequest request = GenerationRequest.builder("Once upon a time")
 *         .maxTokens(128)
 *         .sampling(SamplingParams.builder().temperature(0.8f).topP(0.95f).seed(42).build())
 *         .build();
 * }</pre>
 */
public final class GenerationRequest {
    /** Most samples of one request. */
    public static final int MAX_SAMPLES = 1024;

    /** What the model continues. */
    public sealed interface Prompt {
        /**
         * Text, encoded with the model's tokenizer.
         *
         * @param text the text
         * @param options what to do about special tokens
         */
        record Text(String text, EncodeOptions options) implements Prompt {}

        /**
         * Token ids, taken as they are.
         *
         * @param ids the ids
         */
        record Tokens(int[] ids) implements Prompt {
            /** Copies the ids. */
            public Tokens {
                ids = ids.clone();
            }

            @Override
            public int[] ids() {
                return ids.clone();
            }
        }
    }

    private final Prompt prompt;
    private final SamplingParams sampling;
    private final StopConditions stop;
    private final int samples;
    private final int priority;
    private final Optional<Duration> deadline;
    private final String cacheSalt;

    private GenerationRequest(Builder builder) {
        this.prompt = builder.prompt;
        this.sampling = builder.sampling;
        this.stop = builder.stop;
        this.samples = builder.samples;
        this.priority = builder.priority;
        this.deadline = builder.deadline;
        this.cacheSalt = builder.cacheSalt;
    }

    /** A request that continues text a user wrote: begin-of-text added, special tokens not parsed. */
    public static Builder builder(String text) {
        return new Builder(new Prompt.Text(text, EncodeOptions.PROMPT));
    }

    /**
     * A request that continues a rendered chat template, which writes its special tokens itself. Special tokens written
     * out in the messages count as such too; for messages from users take the tokens of a
     * {@link dev.pillion.model.template.ChatPrompt} instead.
     */
    public static Builder ofTemplate(String rendered) {
        return new Builder(new Prompt.Text(rendered, EncodeOptions.TEMPLATE));
    }

    /** A request that continues token ids. */
    public static Builder builder(int[] tokens) {
        return new Builder(new Prompt.Tokens(tokens));
    }

    /** A request that continues any prompt. */
    public static Builder builder(Prompt prompt) {
        return new Builder(prompt);
    }

    /** The same request with its prompt given as token ids. */
    public GenerationRequest withPrompt(int[] tokens) {
        Builder builder = builder(tokens);
        builder.sampling = sampling;
        builder.stop = stop;
        builder.samples = samples;
        builder.priority = priority;
        builder.deadline = deadline;
        builder.cacheSalt = cacheSalt;
        return builder.build();
    }

    /** What the model continues. */
    public Prompt prompt() {
        return prompt;
    }

    /** How tokens are drawn. */
    public SamplingParams sampling() {
        return sampling;
    }

    /** When a sample ends. */
    public StopConditions stop() {
        return stop;
    }

    /** Number of samples. They share the prompt's computation and KV blocks. */
    public int samples() {
        return samples;
    }

    /** Urgency under the priority policy; higher goes first. */
    public int priority() {
        return priority;
    }

    /** Time from submission by which the first token is wanted; used by the deadline policy. */
    public Optional<Duration> deadline() {
        return deadline;
    }

    /** Requests share cached prefixes only with requests of the same salt; one per tenant keeps tenants apart. */
    public String cacheSalt() {
        return cacheSalt;
    }

    /** Collects the parts of a request. */
    public static final class Builder {
        private final Prompt prompt;
        private SamplingParams sampling = SamplingParams.greedy();
        private StopConditions stop = StopConditions.defaults();
        private int samples = 1;
        private int priority;
        private Optional<Duration> deadline = Optional.empty();
        private String cacheSalt = "";

        private Builder(Prompt prompt) {
            this.prompt = prompt;
        }

        /** How tokens are drawn; greedy by default. */
        public Builder sampling(SamplingParams value) {
            this.sampling = value;
            return this;
        }

        /** When a sample ends. */
        public Builder stop(StopConditions value) {
            this.stop = value;
            return this;
        }

        /** Most tokens to generate, the rest of {@link #stop(StopConditions)} unchanged. */
        public Builder maxTokens(int value) {
            this.stop = stop.toBuilder().maxTokens(value).build();
            return this;
        }

        /** Number of samples, at least 1. */
        public Builder samples(int value) {
            if (value < 1 || value > MAX_SAMPLES) {
                throw new PillionException(
                        PillionException.Code.BAD_REQUEST, "samples is " + value + "; give 1 to " + MAX_SAMPLES);
            }
            this.samples = value;
            return this;
        }

        /** Urgency under the priority policy; higher goes first, 0 by default. */
        public Builder priority(int value) {
            this.priority = value;
            return this;
        }

        /** Time from submission by which the first token is wanted. */
        public Builder deadline(Duration value) {
            this.deadline = Optional.of(value);
            return this;
        }

        /** Keeps this request's cached prefixes apart from those of other salts. */
        public Builder cacheSalt(String value) {
            this.cacheSalt = value;
            return this;
        }

        /** Makes the request. */
        public GenerationRequest build() {
            return new GenerationRequest(this);
        }
    }
}
