package dev.pillion.kernels.driver;

/** A driver call that did not succeed. The message names the result, what it means and what the call was about. */
public final class GpuException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int result;
    private final String resultName;
    private final boolean sticky;

    /**
     * Creates the exception.
     *
     * @param result the driver's number, such as 2
     * @param resultName the driver's name for it, such as {@code CUDA_ERROR_OUT_OF_MEMORY}
     * @param description what the driver says it means
     * @param subject what the call was about, such as {@code allocating 64 MiB}
     * @param sticky whether the context is lost
     */
    public GpuException(int result, String resultName, String description, String subject, boolean sticky) {
        super(subject + ": " + resultName + " (" + result + "): " + description
                + (sticky ? "; the context is lost" : ""));
        this.result = result;
        this.resultName = resultName;
        this.sticky = sticky;
    }

    /** The driver's number. */
    public int result() {
        return result;
    }

    /** The driver's name for it. */
    public String resultName() {
        return resultName;
    }

    /** Whether the context is lost: every further call on it fails. */
    public boolean sticky() {
        return sticky;
    }
}
