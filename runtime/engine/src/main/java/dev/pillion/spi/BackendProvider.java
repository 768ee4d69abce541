package dev.pillion.spi;

/** Entry of a backend, found by {@link java.util.ServiceLoader}. Creating a provider does no work. */
public interface BackendProvider {
    /** Whether a backend can be opened here. */
    sealed interface Availability {
        /**
         * It can.
         *
         * @param description what would be used, for the startup report
         */
        record Available(String description) implements Availability {}

        /**
         * It cannot.
         *
         * @param reason what is missing, and where it was looked for
         */
        record Unavailable(String reason) implements Availability {}
    }

    /** Short name as {@code --backend} takes it. */
    String name();

    /** Higher goes first: CUDA 300, TornadoVM 200, CPU 100. */
    int priority();

    /** Looks whether the device can be used, without allocating on it. Never throws. */
    Availability probe(BackendOptions options);

    /**
     * Opens the device.
     *
     * @throws BackendUnavailableException if it cannot be opened after all
     */
    Backend open(BackendOptions options);
}
