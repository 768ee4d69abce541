package dev.pillion.benchmarks.gpu;

import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import java.nio.file.Path;

/** Opens a model file, generates one token, says so and ends: what {@link ColdStartScenario} takes the time of. */
final class FirstToken {
    /** Line that is printed when the token is there. */
    static final String LINE = "first token";

    private static final int PROMPT_TOKENS = 16;
    private static final int CONTEXT = 256;

    private FirstToken() {}

    /** Arguments: model file, backend, bytes of the KV cache. */
    public static void main(String[] args) {
        EngineOptions options = EngineOptions.builder()
                .backend(args[1])
                .contextTokens(CONTEXT)
                .kvBytes(Long.parseLong(args[2]))
                .build();
        try (Engine engine = Engine.open(Path.of(args[0]), options)) {
            engine.generate(new RandomPrompts(engine.description()).request(PROMPT_TOKENS, 1));
            System.out.println(LINE);
            System.out.flush();
            System.out.println(engine.backendReport());
        }
    }
}
