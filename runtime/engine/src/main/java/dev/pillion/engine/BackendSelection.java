package dev.pillion.engine;

import dev.pillion.EngineOptions;
import dev.pillion.PillionException;
import dev.pillion.spi.Backend;
import dev.pillion.spi.BackendProvider;
import dev.pillion.spi.BackendProvider.Availability;
import dev.pillion.spi.BackendUnavailableException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/**
 * Chooses the backend, once, at startup. Providers are asked from the fastest kind of device to the slowest; the first that
 * works is taken, and one line says which it was and why the others were passed over.
 *
 * @param backend the opened backend
 * @param report the line
 */
public record BackendSelection(Backend backend, String report) {
    private static final System.Logger LOG = System.getLogger(BackendSelection.class.getName());

    /**
     * Opens the backend the options ask for.
     *
     * @throws PillionException with code {@code NO_BACKEND} if there is none, if the one asked for cannot be used, or if
     *     {@code strict} forbids falling back
     */
    public static BackendSelection select(EngineOptions options) {
        List<BackendProvider> providers = ServiceLoader.load(BackendProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparingInt(BackendProvider::priority).reversed())
                .toList();
        return select(providers, options);
    }

    static BackendSelection select(List<BackendProvider> providers, EngineOptions options) {
        List<String> passedOver = new ArrayList<>();
        for (BackendProvider provider : candidates(providers, options)) {
            switch (provider.probe(options.device())) {
                case Availability.Available available -> {
                    LOG.log(System.Logger.Level.DEBUG, () -> provider.name() + ": " + available.description());
                    try {
                        return open(provider, passedOver, options);
                    } catch (BackendUnavailableException e) {
                        passOver(provider, String.valueOf(e.getMessage()), passedOver);
                    }
                }
                case Availability.Unavailable unavailable -> passOver(provider, unavailable.reason(), passedOver);
            }
        }
        throw none(providers, passedOver);
    }

    private static void passOver(BackendProvider provider, String reason, List<String> passedOver) {
        LOG.log(System.Logger.Level.DEBUG, () -> provider.name() + " unavailable: " + reason);
        passedOver.add(provider.name() + " (" + reason + ")");
    }

    private static List<BackendProvider> candidates(List<BackendProvider> providers, EngineOptions options) {
        if (options.backend().isEmpty()) {
            return providers;
        }
        String wanted = options.backend().get();
        List<BackendProvider> found =
                providers.stream().filter(provider -> provider.name().equals(wanted)).toList();
        if (found.isEmpty()) {
            throw new PillionException(
                    PillionException.Code.NO_BACKEND,
                    "there is no backend \"" + wanted + "\"; on the class or module path are: " + names(providers));
        }
        return found;
    }

    private static BackendSelection open(BackendProvider provider, List<String> passedOver, EngineOptions options) {
        if (options.strict() && !passedOver.isEmpty()) {
            throw new PillionException(
                    PillionException.Code.NO_BACKEND,
                    "strict mode does not fall back to the backend " + provider.name() + "; passed over: "
                            + String.join("; ", passedOver) + ". Mend that, ask for " + provider.name()
                            + " by name (backend, --backend " + provider.name() + "), or leave strict out (--strict)");
        }
        Backend backend = provider.open(options.device());
        String others = passedOver.isEmpty() ? "" : "; passed over: " + String.join("; ", passedOver);
        return new BackendSelection(backend, "backend " + backend.name() + ": " + backend.description() + others);
    }

    private static PillionException none(List<BackendProvider> providers, List<String> passedOver) {
        String why = providers.isEmpty()
                ? "no backend is on the class or module path; add dev.pillion:pillion or dev.pillion:pillion-cpu"
                : "no backend can be used here: " + String.join("; ", passedOver);
        return new PillionException(PillionException.Code.NO_BACKEND, why);
    }

    private static String names(List<BackendProvider> providers) {
        return providers.stream().map(BackendProvider::name).collect(Collectors.joining(", "));
    }
}
