package dev.pillion.analysis;

import dev.pillion.EngineOptions;
import dev.pillion.PillionException;
import dev.pillion.engine.BackendSelection;
import dev.pillion.spi.Backend;

/** Opens the backend an engine with some options would choose, for measurements without an engine. */
public final class BackendChoice {
    private BackendChoice() {}

    /**
     * Opens the backend; the caller closes it.
     *
     * @throws PillionException with code {@code NO_BACKEND}
     */
    public static Backend open(EngineOptions options) {
        return BackendSelection.select(options).backend();
    }
}
