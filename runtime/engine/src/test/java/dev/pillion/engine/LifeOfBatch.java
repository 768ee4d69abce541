package dev.pillion.engine;

import static dev.pillion.engine.RandomLife.require;

import dev.pillion.BatchListener;
import dev.pillion.EngineOptions;
import dev.pillion.GenerationRequest;
import dev.pillion.GenerationResult;
import dev.pillion.PillionException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * An offline run within a {@link RandomLife}: a list of requests, some of which can never be served, and a listener that
 * may throw. While the run waits for an outcome, the life goes on by its turns, with all that happens in them.
 */
final class LifeOfBatch implements BatchListener {
    /** What a listener throws that has had enough. */
    private static final class Enough extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private final EngineCore core;
    private final List<GenerationRequest> requests = new ArrayList<>();
    private final List<Expectation> expected = new ArrayList<>();
    private final BitSet unservable = new BitSet();
    private final BitSet ended = new BitSet();
    private final int window;
    private final int blockTokens;
    private final int mostOutcomes;
    private final LifeCounts counts;

    LifeOfBatch(
            EngineCore core, RandomRequests source, EngineOptions options, SplittableRandom random, LifeCounts counts) {
        this.core = core;
        this.counts = counts;
        window = 1 + random.nextInt(2 * options.maxSequences());
        blockTokens = options.kvBlockTokens();
        int count = 1 + random.nextInt(10);
        for (int i = 0; i < count; i++) {
            GenerationRequest request = source.next();
            if (random.nextInt(20) == 0) {
                unservable.set(i);
                request = request.withPrompt(new int[options.contextTokens()]);
            }
            requests.add(request);
            expected.add(Expectation.of(request, options.contextTokens()));
        }
        mostOutcomes = random.nextInt(8) == 0 ? random.nextInt(count) : count;
    }

    /**
     * Runs the list.
     *
     * @param turn a turn of the life, which may bring an outcome
     */
    void run(Runnable turn) {
        int failuresBefore = counts.failures;
        LinkedBlockingQueue<Integer> outcomes = new LinkedBlockingQueue<>() {
            private static final long serialVersionUID = 1;

            @Override
            public Integer take() {
                while (isEmpty()) {
                    turn.run();
                }
                return remove();
            }
        };
        counts.offlineRuns++;
        try {
            new OfflineRun(core, requests, window, outcomes).run(this, blockTokens);
            require(mostOutcomes == requests.size(), "the run went on though its listener threw");
            require(ended.cardinality() == requests.size(), "only " + ended + " of " + requests.size() + " ended");
        } catch (Enough e) {
            counts.offlineAbandoned++;
        }
        counts.offlineFailures += counts.failures - failuresBefore;
    }

    @Override
    public void onResult(int index, GenerationResult result) {
        end(index);
        require(!unservable.get(index), "request " + index + " has a result and no room for a token");
        expected.get(index).checkResult(result, false, counts);
        counts.offlineCompleted++;
    }

    @Override
    public void onError(int index, PillionException error) {
        end(index);
        if (unservable.get(index)) {
            require(error.code() == PillionException.Code.BAD_REQUEST, "refused: " + error.getMessage());
            counts.offlineRefused++;
        } else {
            expected.get(index).checkFailure(error);
            counts.broken++;
        }
    }

    private void end(int index) {
        require(!ended.get(index), "request " + index + " of the offline run ended twice");
        require(ended.cardinality() <= mostOutcomes, "an outcome for a listener that threw");
        if (ended.cardinality() == mostOutcomes) {
            throw new Enough();
        }
        ended.set(index);
    }
}
