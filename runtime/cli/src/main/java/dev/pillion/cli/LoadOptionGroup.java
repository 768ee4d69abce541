package dev.pillion.cli;

import dev.pillion.EngineOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code pillion bench} that describe users of a service. */
final class LoadOptionGroup {
    /** When requests come. */
    enum Arrival {
        /** So many users, each sending its next request when it has the answer to the last. */
        CLOSED,
        /** At random moments, whether the service keeps up or not. */
        POISSON
    }

    private static final int REQUESTS_PER_USER = 8;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            description = "Measure a service instead: N users (closed), or requests at random moments of which N run "
                    + "at once (poisson).")
    private @Nullable Integer concurrency;

    @Option(names = "--requests", paramLabel = "R", description = "Requests in all (default: 8 for each of N).")
    private @Nullable Integer requests;

    @Option(names = "--arrival", paramLabel = "HOW", description = "closed or poisson (default: closed).")
    private @Nullable Arrival arrival;

    @Option(names = "--rate", paramLabel = "QPS", description = "Requests a second, on average; with poisson.")
    private @Nullable Double rate;

    @Option(
            names = "--prompt-tokens",
            paramLabel = "A:B",
            converter = TokenRange.Converter.class,
            description = "Lengths of prompts (default: 64:256).")
    private @Nullable TokenRange promptTokens;

    @Option(
            names = "--output-tokens",
            paramLabel = "C:D",
            converter = TokenRange.Converter.class,
            description = "Lengths of answers (default: 32:64).")
    private @Nullable TokenRange outputTokens;

    @Option(names = "--seed", paramLabel = "S", description = "Seed of lengths, tokens and moments (default: 1).")
    private @Nullable Long seed;

    @Option(
            names = "--scheduling",
            paramLabel = "NAME",
            description = "sarathi, prefill-first, orca or static (default: sarathi).")
    private @Nullable String scheduling;

    @Option(
            names = "--tbt-target-ms",
            paramLabel = "MS",
            description = "Derive the token budget of each step so that the P99 time between tokens stays below this; "
                    + "--chunk-tokens is then the upper limit.")
    private @Nullable Double tbtTargetMillis;

    @Option(
            names = "--max-seconds",
            paramLabel = "T",
            description = "Send no more requests after T seconds, and cancel those that run (default: 600).")
    private @Nullable Double maxSeconds;

    /** Whether a service is to be measured. */
    boolean isRequested() {
        return concurrency != null;
    }

    /** Refuses options that say nothing without {@code --concurrency}. */
    void refuseIfAlone() {
        Object[] given = {
            requests, arrival, rate, promptTokens, outputTokens, seed, scheduling, tbtTargetMillis, maxSeconds
        };
        for (Object option : given) {
            if (option != null) {
                throw new CliException(ExitCode.USAGE, "--requests, --arrival, --rate, --prompt-tokens, "
                        + "--output-tokens, --seed, --scheduling, --tbt-target-ms and --max-seconds describe users of "
                        + "a service; add --concurrency N");
            }
        }
    }

    /** What is asked of the service. */
    Workload workload(int vocabularySize) {
        boolean poisson = arrival == Arrival.POISSON;
        if (poisson != (rate != null)) {
            throw new CliException(ExitCode.USAGE, poisson
                    ? "--arrival poisson needs --rate, requests a second"
                    : "--rate needs --arrival poisson; users of a closed loop send when they have their answer");
        }
        return new Workload(
                atLeastOne("--concurrency", concurrency == null ? 1 : concurrency),
                atLeastOne("--requests", requests == null ? REQUESTS_PER_USER * users() : requests),
                poisson ? positive("--rate", rate == null ? 0 : rate) : Workload.CLOSED_LOOP,
                prompts(),
                outputs(),
                seed == null ? 1 : seed,
                positive("--max-seconds", maxSeconds == null ? 600 : maxSeconds),
                vocabularySize);
    }

    /** Completes the engine's options. */
    EngineOptions engine(EngineOptions.Builder options) {
        options.contextTokens(prompts().most() + outputs().most()).prefixCache(false);
        if (scheduling != null) {
            options.scheduling(scheduling);
        }
        if (tbtTargetMillis != null) {
            options.tbtTarget(Duration.ofNanos((long) (positive("--tbt-target-ms", tbtTargetMillis) * 1e6)));
        }
        return options.build();
    }

    /** Sequences that run at once. */
    int users() {
        return atLeastOne("--concurrency", concurrency == null ? 1 : concurrency);
    }

    private TokenRange prompts() {
        return promptTokens == null ? new TokenRange(64, 256) : promptTokens;
    }

    private TokenRange outputs() {
        return outputTokens == null ? new TokenRange(32, 64) : outputTokens;
    }

    private static int atLeastOne(String option, int value) {
        if (value < 1) {
            throw new CliException(ExitCode.USAGE, option + " is " + value + "; give at least 1");
        }
        return value;
    }

    private static double positive(String option, double value) {
        if (!(value > 0) || value > 1e9) {
            throw new CliException(ExitCode.USAGE, option + " is " + value + "; give more than 0");
        }
        return value;
    }
}
