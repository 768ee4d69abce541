package dev.pillion.spi;

/** The device has not enough memory for what the engine asked of it while it was built. */
public final class DeviceMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message what was asked for, what is free, and what a user can do
     * @param cause what the driver said
     */
    public DeviceMemoryException(String message, Throwable cause) {
        super(message, cause);
    }
}
