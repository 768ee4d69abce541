package dev.pillion.simulator.plan;

import dev.pillion.simulator.workload.Request;
import dev.pillion.simulator.workload.RequestSource;
import dev.pillion.simulator.workload.Workload;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/**
 * Lengths of the first requests of a workload, for bounds that need no simulation.
 *
 * @param requests those looked at
 * @param sharesPrefixes whether some of their prompts may come from a cache
 */
record RequestMix(Request[] requests, boolean sharesPrefixes) {
    private static final int MOST = 20_000;

    static RequestMix of(Workload workload) {
        Request[] requests = new Request[(int) Math.min(MOST, workload.size())];
        RequestSource source = workload.open();
        int count = 0;
        for (Request next = source.next(); next != null && count < requests.length; next = source.next()) {
            requests[count++] = next;
        }
        return new RequestMix(Arrays.copyOf(requests, count), workload.sharesPrefixes());
    }

    /** The smallest value that a share of the requests do not exceed. */
    double quantile(double share, ToDoubleFunction<Request> value) {
        double[] values = Arrays.stream(requests).mapToDouble(value).sorted().toArray();
        return values[Math.clamp((int) Math.ceil(share * values.length) - 1, 0, values.length - 1)];
    }

    double mean(ToDoubleFunction<Request> value) {
        return Arrays.stream(requests).mapToDouble(value).average().orElse(0);
    }

    /** Tokens with keys and values of the longest sequence; the last it generates has none. */
    long longest() {
        return Arrays.stream(requests)
                .mapToLong(request -> (long) request.promptTokens() + request.outputTokens() - 1)
                .max()
                .orElse(0);
    }
}
