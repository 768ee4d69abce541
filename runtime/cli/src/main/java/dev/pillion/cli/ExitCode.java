package dev.pillion.cli;

/** What the process tells its caller; {@code docs/cli.md} lists the same. */
enum ExitCode {
    /** Done. */
    OK(0),
    /** A file could not be read or written, the network or the engine failed. */
    FAILURE(1),
    /** The command line, or what it asks for, is wrong. */
    USAGE(2),
    /** Given by the launcher script: there is no suitable JDK, or no Maven to build with. */
    NO_JDK(3),
    /** The model file is broken or of a kind that is not supported. */
    BAD_MODEL(4),
    /** The model or its KV cache does not fit the memory. */
    OUT_OF_MEMORY(5),
    /** Interrupted by Ctrl-C; what the JVM itself gives for SIGINT. */
    INTERRUPTED(130);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
