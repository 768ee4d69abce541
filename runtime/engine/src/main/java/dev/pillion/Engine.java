package dev.pillion;

import dev.pillion.engine.EngineCore;
import dev.pillion.metrics.EngineMetrics;
import dev.pillion.model.Model;
import dev.pillion.model.architecture.ModelDescription;
import dev.pillion.model.template.ChatTemplate;
import dev.pillion.model.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A model on a device, serving many requests at once.
 *
 * <p>One thread of the engine's own runs steps: each takes a batch of token segments (decodes first, then chunks of
 * prompts), runs the forward pass and samples. Callers only put requests in and take tokens out, from as many platform or
 * virtual threads as they like.
 *
 * <pre>{@code
 * try (Engine engine = Engine.open(Path.of("model.gguf"))) {
 *     GenerationRequest request = GenerationRequest.builder("Once upon a time").maxTokens(64).build();
 *     try (Generation generation = engine.submit(request)) {
 *         for (GeneratedToken token : generation) {
 *             System.out.print(token.text());
 *         }
 *     }
 * }
 * }</pre>
 */
public final class Engine implements AutoCloseable {
    private final Model model;
    private final EngineCore core;

    private Engine(Model model, EngineCore core) {
        this.model = model;
        this.core = core;
    }

    /** Opens a model with default options. See {@link #open(Path, EngineOptions)}. */
    public static Engine open(Path model) {
        return open(model, EngineOptions.defaults());
    }

    /**
     * Opens a model, chooses a backend and starts the engine.
     *
     * @param path a .gguf file, or a folder with config.json and safetensors
     * @param options how to build the engine
     * @throws dev.pillion.model.ModelFormatException if the model cannot be used
     * @throws PillionException with code {@code NO_BACKEND} or {@code OUT_OF_MEMORY}
     */
    public static Engine open(Path path, EngineOptions options) {
        return open(Model.open(path), options);
    }

    /**
     * Starts an engine over an opened model, which it owns from here on: it is closed with the engine, also where this call
     * fails.
     *
     * @param model the model
     * @param options how to build the engine
     */
    public static Engine open(Model model, EngineOptions options) {
        boolean opened = false;
        try {
            EngineCore core = EngineCore.open(model, options);
            core.start();
            opened = true;
            return new Engine(model, core);
        } finally {
            if (!opened) {
                model.close();
            }
        }
    }

    /**
     * Submits a request and returns at once.
     *
     * @throws PillionException with code {@code BAD_REQUEST} if it can never be served, {@code QUEUE_FULL} if it may be
     *     later, {@code CLOSED} or {@code ENGINE_FAILED}
     */
    public Generation submit(GenerationRequest request) {
        return core.submit(request);
    }

    /**
     * Submits a request whose tokens go to a listener, called on a virtual thread of the generation's own.
     *
     * @return the generation, for its result and for cancelling; do not iterate it
     * @throws PillionException as {@link #submit(GenerationRequest)}
     */
    public Generation submit(GenerationRequest request, GenerationListener listener) {
        Generation generation = submit(request);
        Thread.ofVirtual().name("pillion-listener-" + generation.id()).start(() -> deliver(generation, listener));
        return generation;
    }

    /**
     * Submits a request and waits for its result.
     *
     * @throws PillionException as {@link #submit(GenerationRequest)}, or what made the generation fail
     */
    public GenerationResult generate(GenerationRequest request) {
        return submit(request).result();
    }

    /**
     * Runs a list of requests known in advance, in the order that suits the engine best: those that share a prefix together,
     * so that it is computed once, and those with much to generate first, so that their decodes ride on the prompts of the
     * others. Returns when all have ended; outcomes come to the listener on this thread as they happen. A listener that
     * throws cancels the rest.
     *
     * @throws PillionException with code {@code CLOSED} or {@code ENGINE_FAILED}, or if the thread is interrupted
     */
    public void generateAll(List<GenerationRequest> requests, BatchListener listener) {
        core.generateAll(List.copyOf(requests), listener);
    }

    /**
     * Runs a list of requests as {@link #generateAll(List, BatchListener)} does.
     *
     * @return the results, in the order of the requests
     * @throws PillionException the first error of a request, after all have ended
     */
    public List<GenerationResult> generateAll(List<GenerationRequest> requests) {
        GenerationResult[] results = new GenerationResult[requests.size()];
        List<PillionException> errors = new ArrayList<>();
        generateAll(requests, new BatchListener() {
            @Override
            public void onResult(int index, GenerationResult result) {
                results[index] = result;
            }

            @Override
            public void onError(int index, PillionException error) {
                errors.add(new PillionException(
                        error.code(), "request " + index + " of " + results.length + ": " + error.getMessage(), error));
            }
        });
        if (!errors.isEmpty()) {
            throw errors.getFirst();
        }
        return List.of(results);
    }

    /**
     * Logits of tokens, for conformance checks and scoring: a fresh sequence, no sampling.
     *
     * @param tokens token ids, at least one
     * @param all true for the logits after every token, false for those after the last
     * @return {@code [tokens or 1, vocabulary]}
     * @throws PillionException as {@link #submit(GenerationRequest)}
     */
    public float[][] logits(int[] tokens, boolean all) {
        return core.logits(tokens, all);
    }

    /** The model's description. */
    public ModelDescription description() {
        return model.description();
    }

    /** The model's tokenizer. */
    public Tokenizer tokenizer() {
        return model.tokenizer();
    }

    /** The model's chat template, where it has one. */
    public Optional<ChatTemplate> chatTemplate() {
        return model.chatTemplate();
    }

    /** One line: the backend chosen, its kernels, and what was passed over and why. */
    public String backendReport() {
        return core.backendReport();
    }

    /** What the engine was built with. */
    public MemoryPlan memoryPlan() {
        return core.memoryPlan();
    }

    /** Whether the engine works. */
    public EngineHealth health() {
        return core.health();
    }

    /** What the engine counted and measured; also after it was closed. */
    public EngineMetrics metrics() {
        return core.metrics();
    }

    /**
     * Stops the engine: the step that runs is completed, every generation under way ends as cancelled, memory is freed, the
     * model is unmapped. Waits for that. Idempotent, callable at any time from any thread.
     */
    @Override
    public void close() {
        core.close();
        model.close();
    }

    private static void deliver(Generation generation, GenerationListener listener) {
        try (generation) {
            while (true) {
                Optional<GeneratedToken> token;
                try {
                    token = generation.next();
                } catch (PillionException failure) {
                    listener.onError(failure);
                    return;
                }
                if (token.isEmpty()) {
                    break;
                }
                listener.onToken(token.get());
            }
            listener.onFinish(generation.result());
        }
    }
}
