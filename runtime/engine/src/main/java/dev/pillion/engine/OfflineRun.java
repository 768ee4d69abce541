package dev.pillion.engine;

import dev.pillion.BatchListener;
import dev.pillion.GenerationRequest;
import dev.pillion.GenerationResult;
import dev.pillion.PillionException;
import dev.pillion.scheduler.OfflineOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Runs a list of requests known in advance. Sharers of a prefix are submitted one after the other and much-to-generate
 * groups first ({@link OfflineOrder}); a bounded number is in the engine at a time, enough that the scheduler always has
 * prompts to fill its steps with, so that a list of any length takes no more memory than its results.
 */
final class OfflineRun {
    private final EngineCore core;
    private final List<GenerationRequest> requests;
    private final int window;
    private final BlockingQueue<Integer> ended;
    private final List<@Nullable StreamedGeneration> generations = new ArrayList<>();

    /**
     * Prepares a run.
     *
     * @param core the engine
     * @param requests what to generate
     * @param window most requests in the engine at a time
     */
    OfflineRun(EngineCore core, List<GenerationRequest> requests, int window) {
        this(core, requests, window, new LinkedBlockingQueue<>());
    }

    /** With a queue of its own for the requests that ended, empty: where the run waits. */
    OfflineRun(EngineCore core, List<GenerationRequest> requests, int window, BlockingQueue<Integer> ended) {
        this.core = core;
        this.requests = requests;
        this.window = window;
        this.ended = ended;
        for (int i = 0; i < requests.size(); i++) {
            generations.add(null);
        }
    }

    /**
     * Runs all requests and hands every outcome to the listener. Where the listener throws or the thread is interrupted, the
     * rest is cancelled.
     *
     * @throws PillionException if the thread is interrupted
     */
    void run(BatchListener listener, int blockTokens) {
        List<GenerationRequest> encoded = new ArrayList<>(requests.size());
        int[] order = order(encoded, listener, blockTokens);
        boolean completed = false;
        try {
            int next = 0;
            int open = 0;
            while (next < order.length || open > 0) {
                while (open < window && next < order.length) {
                    open += submit(order[next], encoded.get(order[next]), listener) ? 1 : 0;
                    next++;
                }
                if (open > 0) {
                    report(ended.take(), listener);
                    open--;
                }
            }
            completed = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PillionException(
                    PillionException.Code.REQUEST_FAILED, "the offline run was interrupted and its rest cancelled", e);
        } finally {
            if (!completed) {
                cancelAll();
            }
        }
    }

    /** Encodes every prompt once; those that cannot be served are reported and left out. */
    private int[] order(List<GenerationRequest> encoded, BatchListener listener, int blockTokens) {
        List<int[]> prompts = new ArrayList<>();
        List<Integer> indices = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            GenerationRequest request = requests.get(i);
            try {
                int[] prompt = core.encode(request);
                encoded.add(request.withPrompt(prompt));
                prompts.add(prompt);
                indices.add(i);
            } catch (PillionException e) {
                encoded.add(request);
                listener.onError(i, e);
            }
        }
        int[] expected = indices.stream()
                .mapToInt(i -> Math.min(requests.get(i).stop().maxTokens(), core.memoryPlan().contextTokens()))
                .toArray();
        int[] order = OfflineOrder.of(prompts, expected, blockTokens).order();
        for (int i = 0; i < order.length; i++) {
            order[i] = indices.get(order[i]);
        }
        return order;
    }

    private boolean submit(int index, GenerationRequest request, BatchListener listener) {
        try {
            StreamedGeneration generation = core.submitUnbounded(request);
            generations.set(index, generation);
            generation.whenEnded(() -> ended.add(index));
            return true;
        } catch (PillionException e) {
            listener.onError(index, e);
            return false;
        }
    }

    private void report(int index, BatchListener listener) {
        GenerationResult result;
        try {
            result = Objects.requireNonNull(generations.set(index, null)).result();
        } catch (PillionException e) {
            listener.onError(index, e);
            return;
        }
        listener.onResult(index, result);
    }

    private void cancelAll() {
        for (StreamedGeneration generation : generations) {
            if (generation != null) {
                generation.cancel();
            }
        }
    }
}
