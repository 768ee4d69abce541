package dev.pillion.engine;

import dev.pillion.spi.Backend;
import dev.pillion.spi.BackendOptions;
import dev.pillion.spi.BackendProvider;
import java.util.Optional;

/** Lets the public API open a {@link FakeBackend} of the test's choosing. */
public final class FakeProvider implements BackendProvider {
    /** What the next engine opened by this thread gets. */
    static final ThreadLocal<FakeBackend> NEXT = new ThreadLocal<>();

    /** Called by the service loader. */
    public FakeProvider() {}

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public int priority() {
        return -1;
    }

    @Override
    public Availability probe(BackendOptions options) {
        return NEXT.get() == null
                ? new Availability.Unavailable("no test has asked for it")
                : new Availability.Available("remembers tokens");
    }

    @Override
    public Backend open(BackendOptions options) {
        return Optional.ofNullable(NEXT.get()).orElseThrow();
    }
}
