package dev.pillion.cli;

import dev.pillion.simulator.workload.ArrivalProcess;
import dev.pillion.simulator.workload.GeneratedWorkload;
import dev.pillion.simulator.workload.LengthDistribution;
import dev.pillion.simulator.workload.Request;
import dev.pillion.simulator.workload.RequestSource;
import dev.pillion.simulator.workload.Trace;
import dev.pillion.simulator.workload.TraceFormatException;
import dev.pillion.simulator.workload.TraceReader;
import dev.pillion.simulator.workload.Workload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code pillion simulate} and {@code pillion plan} that say what is asked of the instances, and when. */
final class ArrivalOptionGroup {
    /** When requests come. */
    enum Arrival {
        /** At random. */
        POISSON,
        /** At random, in bursts as {@code --burstiness} says. */
        GAMMA,
        /** Evenly. */
        UNIFORM,
        /** All at the start. */
        OFFLINE
    }

    private static final long MOST_REQUESTS = 1_000_000_000;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description = "Requests of a recorded workload: CSV (Azure's, Splitwise's, or arrival_s,prompt_tokens,output_tokens) "
                    + "or JSON lines (LLMServingSim's, Mooncake's).")
    private @Nullable Path trace;

    @Option(
            names = "--arrival",
            paramLabel = "HOW",
            description = "When requests come: poisson, gamma, uniform or offline (all at the start); with --trace in place of "
                    + "its times (default: the trace's times, else poisson).")
    private @Nullable Arrival arrival;

    @Option(
            names = "--qps",
            paramLabel = "X",
            description = "Requests a second on average; a trace's own times are sped up or slowed down to it.")
    private @Nullable Double qps;

    @Option(
            names = "--burstiness",
            paramLabel = "CV",
            description = "With gamma: coefficient of variation of the gaps; 1 is poisson (default: ${DEFAULT-VALUE}).")
    private double burstiness = 2;

    @Option(names = "--requests", paramLabel = "N", description = "Stop after N requests (default: the trace's; without one 1000, for a plan 20000).")
    private @Nullable Long requests;

    @Option(
            names = "--duration",
            paramLabel = "T",
            converter = TimeSpan.Converter.class,
            description = "Stop after requests of so long a time, such as 10m.")
    private @Nullable TimeSpan duration;

    @Option(
            names = "--prompt-tokens",
            paramLabel = "A:B",
            converter = TokenRange.Converter.class,
            description = "Lengths of prompts without a trace (default: 128:1024).")
    private @Nullable TokenRange promptTokens;

    @Option(
            names = "--output-tokens",
            paramLabel = "C:D",
            converter = TokenRange.Converter.class,
            description = "Lengths of answers without a trace (default: 32:256).")
    private @Nullable TokenRange outputTokens;

    @Option(
            names = "--lengths",
            paramLabel = "FILE",
            description = "Draw both lengths from the requests of this trace instead.")
    private @Nullable Path lengths;

    @Option(names = "--repeat", paramLabel = "N", description = "Serve the trace N times one after the other (default: 1).")
    private int repeat = 1;

    @Option(names = "--seed", paramLabel = "S", description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    long seed() {
        return seed;
    }

    /** Requests a second: those asked for, else those of the workload's own times; infinite if all come at once. */
    double rate(Workload workload) {
        return qps == null ? workload.requestsPerSecond() : qps;
    }

    /**
     * What is asked of the instances.
     *
     * @param otherwise requests to generate where neither their number nor a time is given
     */
    Workload workload(long otherwise) {
        check();
        Workload all = trace == null ? generated(otherwise) : recorded(read(trace));
        Workload within = duration == null ? all : all.first(arrivals(all, duration.nanos()));
        if (within.size() == 0) {
            throw new CliException(ExitCode.USAGE, "no request comes within --duration; give a longer one");
        }
        return within;
    }

    private void check() {
        if (trace == null && qps == null && arrival != Arrival.OFFLINE) {
            throw new CliException(ExitCode.USAGE, "what is to be served? Give --trace FILE, or --qps X with --arrival "
                    + "poisson, gamma or uniform, or --arrival offline");
        }
        if (trace != null && (promptTokens != null || outputTokens != null || lengths != null)) {
            throw new CliException(ExitCode.USAGE, "--trace has lengths of its own; leave out --prompt-tokens, "
                    + "--output-tokens and --lengths, or take them from it with --lengths in place of --trace");
        }
        if (lengths != null && (promptTokens != null || outputTokens != null)) {
            throw new CliException(ExitCode.USAGE, "--lengths gives both lengths; leave out --prompt-tokens and --output-tokens");
        }
        if (trace == null && repeat != 1) {
            throw new CliException(ExitCode.USAGE, "--repeat repeats a trace; give --trace FILE, or more --requests");
        }
        if (arrival != null && arrival != Arrival.OFFLINE && qps == null) {
            throw new CliException(ExitCode.USAGE, "--arrival needs --qps, requests a second");
        }
        if (qps != null && (!(qps > 0) || qps > 1e6)) {
            throw new CliException(ExitCode.USAGE, "--qps is " + qps + "; give more than 0 and at most 1000000");
        }
        if (!(burstiness > 0) || burstiness > 100) {
            throw new CliException(ExitCode.USAGE, "--burstiness is " + burstiness + "; give more than 0 and at most 100");
        }
        if (repeat < 1 || requests != null && (requests < 1 || requests > MOST_REQUESTS)) {
            throw new CliException(ExitCode.USAGE, "--repeat and --requests count from 1, to a thousand million requests");
        }
    }

    private Workload recorded(Trace file) {
        Workload all = repeat == 1 ? file : file.repeated(repeat);
        all = requests == null ? all : all.first(requests);
        if (arrival != null) {
            return all.arriving(process(), seed);
        }
        if (qps == null) {
            return all;
        }
        double rate = all.requestsPerSecond();
        if (Double.isInfinite(rate)) {
            throw new CliException(ExitCode.USAGE, trace + " has no times to speed up; say how they come with --arrival");
        }
        return all.faster(qps / rate);
    }

    private Workload generated(long otherwise) {
        long size = otherwise;
        if (requests != null) {
            size = requests;
        } else if (duration != null && qps != null) {
            // Ten deviations above the mean number: none is missing that the time has room for.
            double mean = qps * duration.seconds();
            size = (long) Math.min(MOST_REQUESTS, mean + 10 * Math.max(1, burstiness) * Math.sqrt(mean) + 100);
        }
        return new GeneratedWorkload(process(), lengths(), size, seed);
    }

    private ArrivalProcess process() {
        double rate = qps == null ? 0 : qps;
        return switch (arrival == null ? Arrival.POISSON : arrival) {
            case POISSON -> new ArrivalProcess.Poisson(rate);
            case GAMMA -> new ArrivalProcess.Gamma(rate, burstiness);
            case UNIFORM -> new ArrivalProcess.Even(rate);
            case OFFLINE -> new ArrivalProcess.AtOnce();
        };
    }

    private LengthDistribution lengths() {
        if (lengths != null) {
            return new LengthDistribution.FromTrace(read(lengths));
        }
        TokenRange prompts = promptTokens == null ? new TokenRange(128, 1024) : promptTokens;
        TokenRange outputs = outputTokens == null ? new TokenRange(32, 256) : outputTokens;
        return new LengthDistribution.Uniform(prompts.least(), prompts.most(), outputs.least(), outputs.most());
    }

    private static Trace read(Path file) {
        try {
            Trace read = TraceReader.read(file);
            if (read.size() == 0) {
                throw new CliException(ExitCode.FAILURE, file + " holds no requests");
            }
            return read;
        } catch (TraceFormatException e) {
            throw new CliException(ExitCode.FAILURE, String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many requests come before a moment, counted from the first. */
    private static long arrivals(Workload workload, long nanos) {
        RequestSource source = workload.open();
        long count = 0;
        long first = -1;
        for (Request request = source.next(); request != null; request = source.next()) {
            first = first < 0 ? request.arrivalNanos() : first;
            if (request.arrivalNanos() - first >= nanos) {
                break;
            }
            count++;
        }
        return count;
    }
}
