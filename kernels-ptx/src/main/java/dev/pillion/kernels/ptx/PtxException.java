package dev.pillion.kernels.ptx;

/** PTX text that is not understood. The message names the line. */
public final class PtxException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int line;

    /**
     * Creates the exception.
     *
     * @param line line of the text, from 1
     * @param message what is wrong, with the text it is about
     */
    public PtxException(int line, String message) {
        super("PTX line " + line + ": " + message);
        this.line = line;
    }

    /** Line of the text, from 1. */
    public int line() {
        return line;
    }
}
