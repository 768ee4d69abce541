package dev.pillion;

import dev.pillion.model.TensorType;
import dev.pillion.spi.BackendOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * How an engine is built. Immutable; made by {@link #builder()}.
 *
 * @param backend name of the backend to use, or empty to take the first that works: CUDA, TornadoVM, CPU
 * @param strict refuse to start rather than pass over a faster backend that this machine should have
 * @param device what to tell the backend
 * @param contextTokens longest sequence, prompt and answer together; 0 for the model's own
 * @param maxSequences most sequences that run at once
 * @param chunkTokens token budget of a step: decodes first, the rest is filled with prompt chunks
 * @param tbtTarget where present, the budget is derived each step so that the P99 time between tokens stays below this;
 *     {@code chunkTokens} is then the upper limit
 * @param scheduling planner by name: {@code sarathi}, {@code prefill-first}, {@code orca}, {@code static}
 * @param queuePolicy who is admitted next: {@code fcfs}, {@code priority}, {@code deadline}, {@code shortest},
 *     {@code prefix}
 * @param queueCapacity most waiting requests; one more is refused with {@code QUEUE_FULL}
 * @param prefixCache whether computed prompts are kept and shared
 * @param planAhead whether a step is planned while the one before it runs, on backends that can run steps so; changes no
 *     tokens
 * @param kvBlockTokens tokens of a KV block, a power of two
 * @param kvType element type of keys and values, F32, F16 or BF16; empty for the backend's own
 * @param kvBytes memory for the KV cache; 0 for what {@code maxSequences} sequences of full context need, but
 *     at most a quarter of the machine's memory
 * @param hostKvBytes memory for KV blocks moved out of the device; 0 for none
 * @param calibrations folder of what {@code pillion calibrate} measured, from which step times are predicted; empty for
 *     {@link dev.pillion.analysis.CalibrationFile#standardFolder}
 * @param loadListener hears how the weights come to the device while the engine opens
 */
public record EngineOptions(
        Optional<String> backend,
        boolean strict,
        BackendOptions device,
        int contextTokens,
        int maxSequences,
        int chunkTokens,
        Optional<Duration> tbtTarget,
        String scheduling,
        String queuePolicy,
        int queueCapacity,
        boolean prefixCache,
        boolean planAhead,
        int kvBlockTokens,
        Optional<TensorType> kvType,
        long kvBytes,
        long hostKvBytes,
        Optional<Path> calibrations,
        LoadListener loadListener) {

    private static final Set<TensorType> KV_TYPES = EnumSet.of(TensorType.F32, TensorType.F16, TensorType.BF16);

    /** Options that suit one service on one device. */
    public static EngineOptions defaults() {
        return builder().build();
    }

    /** A builder that holds the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects options; each starts with its default. */
    public static final class Builder {
        private Optional<String> backend = Optional.empty();
        private boolean strict;
        private BackendOptions device = BackendOptions.defaults();
        private int contextTokens;
        private int maxSequences = 64;
        private int chunkTokens = 512;
        private Optional<Duration> tbtTarget = Optional.empty();
        private String scheduling = "sarathi";
        private String queuePolicy = "fcfs";
        private int queueCapacity = 1024;
        private boolean prefixCache = true;
        private boolean planAhead = true;
        private int kvBlockTokens = 16;
        private Optional<TensorType> kvType = Optional.empty();
        private long kvBytes;
        private long hostKvBytes;
        private Optional<Path> calibrations = Optional.empty();
        private LoadListener loadListener = LoadListener.NONE;

        private Builder() {}

        /** Backend to use, by name; without it the first that works. */
        public Builder backend(String value) {
            this.backend = Optional.of(value);
            return this;
        }

        /** Refuses to start rather than fall back to a slower backend. */
        public Builder strict(boolean value) {
            this.strict = value;
            return this;
        }

        /** What to tell the backend. */
        public Builder device(BackendOptions value) {
            this.device = value;
            return this;
        }

        /** Longest sequence in tokens; 0 for the model's own. */
        public Builder contextTokens(int value) {
            this.contextTokens = value;
            return this;
        }

        /** Most sequences that run at once. */
        public Builder maxSequences(int value) {
            this.maxSequences = value;
            return this;
        }

        /** Token budget of a step. */
        public Builder chunkTokens(int value) {
            this.chunkTokens = value;
            return this;
        }

        /** P99 time between tokens that the budget keeps. */
        public Builder tbtTarget(Duration value) {
            this.tbtTarget = Optional.of(value);
            return this;
        }

        /** Planner by name. */
        public Builder scheduling(String value) {
            this.scheduling = value;
            return this;
        }

        /** Queue policy by name. */
        public Builder queuePolicy(String value) {
            this.queuePolicy = value;
            return this;
        }

        /** Most waiting requests. */
        public Builder queueCapacity(int value) {
            this.queueCapacity = value;
            return this;
        }

        /** Whether computed prompts are kept and shared. */
        public Builder prefixCache(boolean value) {
            this.prefixCache = value;
            return this;
        }

        /** Whether a step is planned while the one before it runs, where the backend can run steps so. */
        public Builder planAhead(boolean value) {
            this.planAhead = value;
            return this;
        }

        /** Tokens of a KV block. */
        public Builder kvBlockTokens(int value) {
            this.kvBlockTokens = value;
            return this;
        }

        /** Element type of keys and values: F32, F16 or BF16, of which a backend may not know all. */
        public Builder kvType(TensorType value) {
            this.kvType = Optional.of(value);
            return this;
        }

        /** Memory for the KV cache in bytes; 0 to derive it. */
        public Builder kvBytes(long value) {
            this.kvBytes = value;
            return this;
        }

        /** Memory for KV blocks moved out of the device; 0 for none. */
        public Builder hostKvBytes(long value) {
            this.hostKvBytes = value;
            return this;
        }

        /** Folder of what {@code pillion calibrate} measured. */
        public Builder calibrations(Path value) {
            this.calibrations = Optional.of(value);
            return this;
        }

        /** Who hears how the weights come to the device. */
        public Builder loadListener(LoadListener value) {
            this.loadListener = value;
            return this;
        }

        /** Makes the options. */
        public EngineOptions build() {
            return new EngineOptions(
                    backend,
                    strict,
                    device,
                    contextTokens,
                    maxSequences,
                    chunkTokens,
                    tbtTarget,
                    scheduling,
                    queuePolicy,
                    queueCapacity,
                    prefixCache,
                    planAhead,
                    kvBlockTokens,
                    kvType,
                    kvBytes,
                    hostKvBytes,
                    calibrations,
                    loadListener);
        }
    }

    /** The same, but with somebody who hears how the weights come to the device. */
    public EngineOptions withLoadListener(LoadListener listener) {
        return new EngineOptions(
                backend,
                strict,
                device,
                contextTokens,
                maxSequences,
                chunkTokens,
                tbtTarget,
                scheduling,
                queuePolicy,
                queueCapacity,
                prefixCache,
                planAhead,
                kvBlockTokens,
                kvType,
                kvBytes,
                hostKvBytes,
                calibrations,
                listener);
    }

    /** Checks the ranges. */
    public EngineOptions {
        atLeast("contextTokens", contextTokens, 0);
        atLeast("maxSequences", maxSequences, 1);
        atLeast("chunkTokens", chunkTokens, 1);
        atLeast("queueCapacity", queueCapacity, 1);
        if (Integer.bitCount(kvBlockTokens) != 1 || kvBlockTokens < 1) {
            throw new PillionException(
                    PillionException.Code.BAD_REQUEST, "kvBlockTokens is " + kvBlockTokens + "; give a power of two");
        }
        atLeast("kvBytes", kvBytes, 0);
        atLeast("hostKvBytes", hostKvBytes, 0);
        if (kvType.isPresent() && !KV_TYPES.contains(kvType.get())) {
            throw new PillionException(
                    PillionException.Code.BAD_REQUEST, "kvType is " + kvType.get() + "; give F32, F16 or BF16");
        }
    }

    private static void atLeast(String option, long value, long least) {
        if (value < least) {
            throw new PillionException(
                    PillionException.Code.BAD_REQUEST, option + " is " + value + "; give at least " + least);
        }
    }
}
