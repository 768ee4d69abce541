package dev.pillion.spi;

/**
 * A device that no further call can be made to: its context is lost, or a step did not end within its limit. The engine
 * does not try the step again; it fails, and says so to every caller.
 */
public final class DeviceLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message what happened, in which step, and what a user can do
     */
    public DeviceLostException(String message) {
        super(message);
    }

    /**
     * Creates the exception.
     *
     * @param message what happened, in which step, and what a user can do
     * @param cause what the driver said
     */
    public DeviceLostException(String message, Throwable cause) {
        super(message, cause);
    }
}
