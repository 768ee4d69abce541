package dev.pillion.benchmarks;

import dev.pillion.simulator.workload.Request;
import dev.pillion.simulator.workload.Trace;
import dev.pillion.simulator.workload.TraceReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Writes the workloads that the simulations of docs/performance/simulation.md serve beside recorded ones, always the same:
 * {@code SimulationTraces DATA OUT}. {@code DATA} holds {@code azure-2023/} and {@code vidur/}.
 *
 * <ul>
 * <li>{@code openchat.csv}: 2048 pairs of log-normal lengths with the medians and 90th percentiles that Sarathi-Serve (OSDI 2024)
 *     gives for openchat_sharegpt4, at most 8192 tokens together; no arrivals.
 * <li>{@code papers.csv}: 1024 pairs the same way for arxiv_summarization, at most 16,384 tokens together; no arrivals.
 * <li>{@code arxiv.csv}: the first 1024 recorded papers and summaries, none of them over 4096 tokens; no arrivals.
 * <li>{@code zipf.csv}: 2700 requests of 1024 to 4096 tokens, Zipf-distributed with exponent 0.4, ten prompt tokens for each
 *     output token (SARATHI, arXiv 2308.16369); no arrivals.
 * <li>{@code mixed.csv}: the first 4000 conversations at their times, every tenth with the lengths of {@code papers.csv}.
 * <li>{@code long-tailed.csv}: 10,000 pairs of bounded Pareto lengths from 32 to 6144 tokens with a mean near 256, prompts and
 *     outputs apart (Llumnix, OSDI 2024, has power laws with such a mean and bound); no arrivals.
 * </ul>
 */
public final class SimulationTraces {
    /** Standard deviations from the median of a normal distribution to its 90th percentile. */
    private static final double P90_DEVIATIONS = 1.2815515655446004;

    private SimulationTraces() {}

    /** Writes all of them. */
    public static void main(String[] args) throws IOException {
        if (args.length != 2) {
            System.err.println("SimulationTraces DATA OUT");
            System.exit(2);
        }
        Path data = Path.of(args[0]);
        Path out = Path.of(args[1]);
        Files.createDirectories(out);
        Trace conversations = TraceReader.read(data.resolve("azure-2023/AzureLLMInferenceTrace_conv.csv"));
        Trace recorded = TraceReader.read(data.resolve("vidur/arxiv_summarization_stats_llama2_tokenizer_filtered_v2.csv"));
        List<int[]> papers = logNormal(1024, 4, new int[] {7059, 12_985}, new int[] {208, 371}, 16_384);
        write(out.resolve("openchat.csv"), logNormal(2048, 1, new int[] {1730, 5696}, new int[] {415, 834}, 8192));
        write(out.resolve("papers.csv"), papers);
        write(out.resolve("arxiv.csv"), lengths(recorded.requests().subList(0, 1024)));
        write(out.resolve("zipf.csv"), zipf(2700));
        write(out.resolve("long-tailed.csv"), longTailed(10_000));
        writeMixed(out.resolve("mixed.csv"), conversations.requests().subList(0, 4000), papers);
    }

    private static List<int[]> lengths(List<Request> requests) {
        List<int[]> pairs = new ArrayList<>();
        for (Request request : requests) {
            pairs.add(new int[] {request.promptTokens(), request.outputTokens()});
        }
        return pairs;
    }

    /** Pairs whose prompts and outputs have the medians and 90th percentiles given, as many tokens together as given at most. */
    private static List<int[]> logNormal(int count, long seed, int[] prompts, int[] outputs, int most) {
        SplittableRandom random = new SplittableRandom(seed);
        List<int[]> pairs = new ArrayList<>();
        while (pairs.size() < count) {
            int prompt = logNormal(random, prompts[0], prompts[1]);
            int output = logNormal(random, outputs[0], outputs[1]);
            if (prompt + output <= most) {
                pairs.add(new int[] {prompt, output});
            }
        }
        return pairs;
    }

    private static int logNormal(SplittableRandom random, double median, double p90) {
        double deviation = Math.log(p90 / median) / P90_DEVIATIONS;
        return (int) Math.max(1, Math.round(median * Math.exp(deviation * random.nextGaussian())));
    }

    private static List<int[]> zipf(int count) {
        SplittableRandom random = new SplittableRandom(2);
        int most = 4096 - 1023;
        double[] cumulative = new double[most + 1];
        for (int rank = 1; rank <= most; rank++) {
            cumulative[rank] = cumulative[rank - 1] + Math.pow(rank, -0.4);
        }
        List<int[]> pairs = new ArrayList<>();
        while (pairs.size() < count) {
            double drawn = random.nextDouble(cumulative[most]);
            int rank = 1;
            while (cumulative[rank] <= drawn) {
                rank++;
            }
            int tokens = 1023 + rank;
            int output = Math.round(tokens / 11f);
            pairs.add(new int[] {tokens - output, output});
        }
        return pairs;
    }

    private static List<int[]> longTailed(int count) {
        SplittableRandom random = new SplittableRandom(3);
        List<int[]> pairs = new ArrayList<>();
        while (pairs.size() < count) {
            pairs.add(new int[] {pareto(random, 32, 6144, 0.7), pareto(random, 32, 6144, 0.7)});
        }
        return pairs;
    }

    /** Inverse of the distribution function of a Pareto distribution cut off at both ends. */
    private static int pareto(SplittableRandom random, double least, double most, double exponent) {
        double tail = Math.pow(least / most, exponent);
        double drawn = random.nextDouble();
        return (int) Math.round(least * Math.pow(1 - drawn * (1 - tail), -1 / exponent));
    }

    private static void write(Path file, List<int[]> pairs) throws IOException {
        StringBuilder text = new StringBuilder("num_prefill_tokens,num_decode_tokens\n");
        double prompts = 0;
        double outputs = 0;
        for (int[] pair : pairs) {
            text.append(pair[0]).append(',').append(pair[1]).append('\n');
            prompts += pair[0];
            outputs += pair[1];
        }
        Files.writeString(file, text);
        report(file, pairs.size(), prompts, outputs);
    }

    private static void writeMixed(Path file, List<Request> conversations, List<int[]> papers) throws IOException {
        StringBuilder text = new StringBuilder("arrival_s,prompt_tokens,output_tokens\n");
        double prompts = 0;
        double outputs = 0;
        for (int i = 0; i < conversations.size(); i++) {
            Request at = conversations.get(i);
            int[] pair = i % 10 == 9 ? papers.get(i / 10) : new int[] {at.promptTokens(), at.outputTokens()};
            text.append(String.format(Locale.ROOT, "%.6f,%d,%d%n", at.arrivalNanos() * 1e-9, pair[0], pair[1]));
            prompts += pair[0];
            outputs += pair[1];
        }
        Files.writeString(file, text);
        report(file, conversations.size(), prompts, outputs);
    }

    private static void report(Path file, int count, double prompts, double outputs) {
        System.out.printf(
                Locale.ROOT, "%s: %d requests, on average %.0f prompt and %.0f output tokens%n", file.getFileName(), count,
                prompts / count, outputs / count);
    }
}
